//! Errors in Chinese: those that people meet at the command line. What an engine or the system said of them stays as it is.

use analyzer::policy::PolicyError;
use api::casework::CaseworkError;
use api::operations::OperationError;
use catalog::store::StoreError;
use ingest::location::LocationError;
use ingest::run::RunError;
use tables::ImportError;

/// The message of an error that has one in Chinese.
pub(crate) fn message(error: &anyhow::Error) -> Option<String> {
    if let Some(error) = error.downcast_ref::<CaseworkError>() {
        return Some(error.zh());
    }
    if let Some(error) = error.downcast_ref::<OperationError>() {
        return Some(error.zh());
    }
    if let Some(error) = error.downcast_ref::<ImportError>() {
        return Some(error.zh());
    }
    error
        .downcast_ref::<StoreError>()
        .and_then(of_store)
        .or_else(|| error.downcast_ref::<LocationError>().map(of_location))
        .or_else(|| error.downcast_ref::<RunError>().and_then(of_run))
        .or_else(|| error.downcast_ref::<PolicyError>().and_then(of_policy))
}

/// `None` for what only whoever keeps the program can mend.
fn of_store(error: &StoreError) -> Option<String> {
    Some(match error {
        StoreError::BadUrl { url } => {
            format!("“{url}”不是目录库地址，应写作 sqlite://文件 或 postgres://用户@主机/数据库")
        }
        StoreError::NotFound { path } => format!(
            "{path} 处没有目录库：运行 `reelproof import` 或 `reelproof ingest` 会新建，也可用 --catalog 或 REELPROOF_CATALOG 指定其他目录库"
        ),
        StoreError::NotACatalog { path } => format!("{path} 不是本程序的目录库，请用 --catalog 指定其他文件"),
        StoreError::NewerSchema { path, found, known } => format!(
            "目录库 {path} 的版本为 {found}，本程序只支持到 {known}：请使用写入它的较新版本；未作任何改动"
        ),
        StoreError::ReadOnly { reason } => {
            format!("目录库不可写（{reason}）：请检查文件、所在文件夹或数据库角色的权限；未作任何改动")
        }
        StoreError::DiskFull => {
            "目录库所在磁盘已满：请腾出空间后重新运行；此前已提交的内容均已保留".to_owned()
        }
        StoreError::Disk { reason } => {
            format!(
                "目录库所在磁盘出错（{reason}）：请检查磁盘是否已满或损坏后重新运行；此前已提交的内容均已保留"
            )
        }
        StoreError::Busy => "另有程序正在写入目录库且未结束：请待其结束后重新运行".to_owned(),
        StoreError::Again { reason } => {
            format!("同时写入目录库的程序过多（{reason}）：请重新运行；未作任何改动")
        }
        StoreError::Unreachable { reason } => format!(
            "目录库服务器没有响应（{reason}）：请确认其正在运行且网络可达后重新运行；此前已提交的内容均已保留"
        ),
        StoreError::Refused { reason } => {
            format!("目录库服务器拒绝连接（{reason}）：请检查角色、密码、数据库名和 sslmode")
        }
        StoreError::Corrupt { reason } => {
            format!("目录库文件已损坏（{reason}）：请恢复最近的备份；录像不受影响")
        }
        _ => return None,
    })
}

fn of_location(error: &LocationError) -> String {
    match error {
        LocationError::Unknown { given } => format!(
            "“{given}”不是存储位置，应为文件夹、file:///文件夹、s3://存储桶/前缀、az://容器/前缀 或 gs://存储桶/前缀"
        ),
        LocationError::NoFolder { path, source } => format!("没有文件夹 {path}，请检查路径（{source}）"),
        LocationError::NoFile { path, source } => format!("没有文件 {path}，请检查路径（{source}）"),
        LocationError::IsFile { path } => {
            format!("{path} 是文件：请给出其所在文件夹，或用 `reelproof probe` 查看这一个文件")
        }
        LocationError::IsFolder { path } => {
            format!("{path} 是文件夹：请给出一个文件，或用 `reelproof ingest` 将整个文件夹入库")
        }
        LocationError::Settings { url, source } => {
            format!("{url}：{source}；访问凭据和服务地址取自环境变量（AWS_*、AZURE_*、GOOGLE_*）")
        }
    }
}

fn of_run(error: &RunError) -> Option<String> {
    Some(match error {
        RunError::Unreachable { url, source } => {
            format!("无法列出存储 {url}：{source}；请检查地址、网络和访问凭据")
        }
        RunError::ContainsStore { given, known } => format!(
            "{given} 包含 {known}，后者已作为单独的存储入库，其中的文件会重复登记：请分别对 {known} 和其他文件夹入库，或用 --catalog 新建目录库"
        ),
        _ => return None,
    })
}

fn of_policy(error: &PolicyError) -> Option<String> {
    match error {
        PolicyError::Unknown { name, known } => {
            Some(format!("没有规则“{name}”：内置规则有 {known}；自定规则请给出其文件"))
        }
        PolicyError::Invalid { .. } => None,
    }
}
