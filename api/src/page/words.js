// What the page says, in Chinese and English, and how figures are written.

const zh = {
  title: "执法视音频记录核查", skip: "跳到应录环节", sections: "页面各部分", month: "月份",
  nav_figures: "本月情况", nav_units: "各中队", nav_round: "抽查批次", nav_obligations: "应录环节", nav_recordings: "视音频记录",
  other_language: "English", loading: "正在读取…", judging: "正在核查…", retry: "重试", latest_month: "查看最近月份",
  sign_in: "登录", sign_out: "退出", login: "用户名", password: "密码", name: "姓名",
  set_up: "创建首位系统管理员", set_up_do: "创建并登录", set_up_link: "系统尚无账户。请打开 reelproof serve 启动时给出的链接。",
  password_rule: "密码至少 12 个字符，不含用户名与姓名；用几个词连成一句即可。",
  roles: { administrator: "系统管理员", supervisor: "执法监督", case_review: "案件审理", duty_office: "勤务", squad: "中队", auditor: "审计（只读）" },
  unreachable: "无法连接本服务，请确认程序仍在运行。", request_no: "请求编号",
  nothing_yet: "目录库中尚无执法环节",
  nothing_yet_how: "请先导入单位、人员、设备、案件和执法环节（reelproof import），再接入视音频文件（reelproof ingest）。",
  figures_of: (m) => `${m}应录环节完整性`, as_of: (t) => `截至 ${t}`,
  obligations: "应录环节", complete: "完整", partial: "不完整", missing: "缺失", excused: "已说明",
  covered: "时长覆盖", covered_line: (c, r) => `应录 ${r} 秒，已录 ${c} 秒`,
  uncovered_line: (t, e) => `容差内未录 ${t} 秒，已说明未录 ${e} 秒`,
  show_these: (w) => `查看：${w}`, finding_count: (n) => `${n} 项`, of_which_excused: (n) => `（已说明 ${n}）`,
  findings: "问题", no_findings: "未发现问题",
  return_title: (m) => `${m}月报`, return_due: (d) => `${d} 前报送`, days_left: (n) => `还有 ${n} 天`, due_today: "今日到期",
  days_past: (n) => `已过期 ${n} 天`, unconfirmed: "待核",
  return_basis: "以上为系统初核结果，尚未经人工复核。", return_none: "抽查批次尚未抽取，暂无月报数字。",
  what_it_proves: "抽样结果能说明什么",
  sampled: "抽查", irregular_found: "不规范", missing_found: "缺失", not_judged: "未能核查",
  by_unit: "各中队情况", unit: "单位", unknown_unit: "（单位不明）", share: "覆盖率",
  round_title: "抽查批次", round: "批次", frozen_at: "冻结时间", frame: "抽样框", frame_items: (n, c) => `${n} 个应录环节，上月案件 ${c} 件`,
  digest: "抽样框摘要（SHA-256）", seed: "随机种子", drawn_at: "抽取时间", export_it: "导出批次（供离线核验）", verify_it: "在浏览器中复核",
  round_none: (m) => `${m}批次尚未冻结`, round_none_how: "冻结后抽样框不再变动，请公布其摘要：",
  round_not_drawn: "已冻结，尚未抽取", round_not_drawn_how: "请先公布上述摘要，再确定随机种子，然后执行：",
  drawn_items: (n, u) => `抽中 ${n} 个环节，涉及 ${u} 个中队`, order: "序号", reason: "抽取依据",
  core: "随机抽取", squads: "中队比例", all_squads: "中队覆盖", all_officers: "队员覆盖", show_drawn: "在列表中查看抽中环节",
  list_title: "应录环节清单", all: "全部", status: "状态", stage: "案件 / 环节", kind: "环节种类", time: "起止时间",
  units_all: "全部单位", findings_all: "全部问题", findings_any: "有问题的", search: "案号、地点、警号、文件名", search_label: "查找",
  drawn_only: "仅抽中环节", list_count: (n, all) => (n === all ? `共 ${n} 个` : `${n} 个，全部 ${all} 个`),
  clear: "清除筛选", none_match: "没有符合条件的环节。", more: (n) => `再显示 ${n} 条`, drawn: "抽中",
  open: "展开", close: "收起", officers: "执法人员", place: "地点", required: "应录", recorded: "已录", lacking: "未录",
  tl_stage: "应录时段", tl_gaps: "未录时段", tl_none: "没有归属该环节的视音频记录。",
  tl_label: "该环节的时间轴", picture: "画面", sound: "声音", outside: (t) => `在图示范围之外：${t} 起`, no_start: "起始时间不明",
  unreadable_lane: "文件无法读取", gone_lane: "已不在存储中",
  gap_certain: "确定未录", gap_within_clock_error: "时钟误差内（不作认定）", gap_excused: "已说明",
  gap_words: (len, what) => `未录 ${len}，${what}`,
  findings_here: "问题记录", no_findings_here: "该环节未发现问题。", whole: "整段",
  records_here: "归属记录", file: "文件", role: "作用", start: "起始时间", source: "时间来源", error: "误差", covers: "覆盖时长",
  linked: "人工关联", unresolved: "已关联但未入库：", excuses_here: "情况说明", recorded_by: "登记人",
  rec_title: "视音频记录", rec_stored: "可用", rec_quarantined: "隔离", rec_gone: "已不在存储中",
  rec_line: (b) => `在库共 ${b}`, rec_show_quarantined: "仅隔离", rec_show_all: "全部", rec_problem: "全部读取情况",
  rec_search: "文件名包含", rec_none: "没有符合条件的记录。", rec_none_quarantined: "没有被隔离的文件。",
  quarantine_note: "隔离的文件无法读取，其内容不计入覆盖；原件保持不变。",
  device: "设备", badge: "人员", length: "时长", size: "大小", container: "格式", problems: "读取情况", readable: "正常", state_gone: "已不在存储中",
  version: (n) => `第 ${n} 版`,
  foot_policy: (p) => `依据：${p.document}《${p.title}》（${p.name}）`, foot_unconfirmed: (n) => `${n} 项参数尚无公开文本可据，标为“待核”`,
  foot_note: "本页只读，所列数字均由当前目录库即时核算。",
  stage_kinds: { complaint_handling: "投诉举报处置", site_inspection: "现场检查", simple_penalty: "简易处罚", lien_service: "留置送达",
    seizure: "实施扣押", evidence_registration: "证据先行登记保存", forced_demolition: "强制拆除", hearing: "听证",
    emergency: "突发事件处置", legal_review: "法制审核" },
  codes: { missing: "缺失", late_start: "开始过晚", early_stop: "提前停止", gap: "中断", one_recorder: "单人录制", no_audio: "无声音",
    silent: "静音", black: "黑屏", frozen: "画面静止", truncated: "文件截断", damaged: "文件损坏", late_upload: "上传超期",
    altered: "入库后被改动", clock_off: "时钟异常", reused: "重复使用", not_uploaded: "未上传", lost: "已灭失",
    unattributed: "无归属", no_spoken_restart: "恢复录制未说明" },
  severities: { notice: "提示", irregular: "不规范", missing: "缺失" },
  certainties: { certain: "确定", within_clock_error: "时钟误差内，不作认定" },
  reasons: { fault: "设备故障", weather: "恶劣天气", battery: "电量不足", storage: "存储空间不足", change_of_venue: "变更地点",
    secrecy: "涉及秘密", privacy: "涉及隐私", urgency: "情况紧急" },
  roles: { covers: "覆盖环节", covers_nothing: "未覆盖环节", unreadable: "无法读取", gone: "已不在存储中" },
  sources: { telemetry: "遥测", sidecar: "伴随文件", file_name: "文件名", container: "容器" },
  devices: { bodycam: "执法记录仪", drone: "无人机", vehicle: "车载视频", dock: "无人机机场" },
  problem_codes: { empty: "空文件", unreadable: "无法读取", no_index: "缺少索引", truncated: "文件截断", damaged: "数据损坏",
    no_video: "无视频", no_audio: "无音频", time_reset: "时间戳重置", encrypted: "已加密" },
};

const en = {
  title: "Enforcement recordings audit", skip: "Skip to the obligations", sections: "Parts of this page", month: "Month",
  nav_figures: "This month", nav_units: "Squads", nav_round: "Sampling", nav_obligations: "Obligations", nav_recordings: "Recordings",
  other_language: "中文", loading: "Reading…", judging: "Auditing…", retry: "Try again", latest_month: "Show the latest month",
  sign_in: "Sign in", sign_out: "Sign out", login: "Login", password: "Password", name: "Name",
  set_up: "Make the first administrator", set_up_do: "Make it and sign in", set_up_link: "There is no account yet. Open the link that `reelproof serve` printed when it started.",
  password_rule: "A password has 12 characters or more and holds neither login nor name; a few words in a row do well.",
  roles: { administrator: "administrator", supervisor: "supervision", case_review: "case review", duty_office: "duty office", squad: "squad", auditor: "auditor (read-only)" },
  unreachable: "The service cannot be reached; is the program still running?", request_no: "request",
  nothing_yet: "The catalog has no stages yet",
  nothing_yet_how: "Import units, officers, devices, cases and stages (reelproof import), then take in footage (reelproof ingest).",
  figures_of: (m) => `What had to be recorded in ${m}`, as_of: (t) => `as of ${t}`,
  obligations: "Obligations", complete: "Complete", partial: "Partial", missing: "Missing", excused: "Excused",
  covered: "Seconds covered", covered_line: (c, r) => `${c} s recorded of ${r} s required`,
  uncovered_line: (t, e) => `${t} s not recorded within tolerance, ${e} s excused`,
  show_these: (w) => `Show: ${w}`, finding_count: (n) => `${n}`, of_which_excused: (n) => ` (${n} excused)`,
  findings: "Findings", no_findings: "No findings",
  return_title: (m) => `Monthly return, ${m}`, return_due: (d) => `due ${d}`, days_left: (n) => (n === 1 ? "1 day left" : `${n} days left`), due_today: "due today",
  days_past: (n) => (n === 1 ? "1 day overdue" : `${n} days overdue`), unconfirmed: "待核 (to be confirmed)",
  return_basis: "These figures are the machine's; nobody has reviewed them yet.", return_none: "The round is not drawn yet, so there are no figures.",
  what_it_proves: "What the sample proves",
  sampled: "Sampled", irregular_found: "Irregular", missing_found: "Missing", not_judged: "not judged",
  by_unit: "By squad", unit: "Unit", unknown_unit: "(unit not known)", share: "Covered",
  round_title: "Sampling round", round: "Round", frozen_at: "Frozen", frame: "Frame", frame_items: (n, c) => `${n} obligations; ${c} cases in the month`,
  digest: "Digest of the frame (SHA-256)", seed: "Seed", drawn_at: "Drawn", export_it: "Export the round (to verify offline)", verify_it: "Verify it in the browser",
  round_none: (m) => `The round of ${m} is not frozen yet`, round_none_how: "Once frozen, the frame no longer changes; publish its digest:",
  round_not_drawn: "Frozen, not drawn yet", round_not_drawn_how: "Publish this digest, only then take a seed, then:",
  drawn_items: (n, u) => `${n} obligations drawn, ${u} squads reached`, order: "No.", reason: "Because of",
  core: "core (lowest tickets)", squads: "share of squads", all_squads: "squads still due", all_officers: "officers still due", show_drawn: "Show the drawn ones in the list",
  list_title: "Obligations", all: "All", status: "Status", stage: "Case / stage", kind: "Kind of stage", time: "From – to",
  units_all: "All units", findings_all: "All findings", findings_any: "With a finding", search: "Case, place, badge, file", search_label: "Search",
  drawn_only: "Drawn ones only", list_count: (n, all) => (n === all ? `${n}` : `${n} of ${all}`),
  clear: "Clear filters", none_match: "No obligation matches.", more: (n) => `Show ${n} more`, drawn: "drawn",
  open: "Open", close: "Close", officers: "Officers", place: "Place", required: "Required", recorded: "Recorded", lacking: "Not recorded",
  tl_stage: "Required", tl_gaps: "Not recorded", tl_none: "No recording belongs to this stage.",
  tl_label: "Timeline of the stage", picture: "picture", sound: "sound", outside: (t) => `outside this window: from ${t}`, no_start: "start not known",
  unreadable_lane: "cannot be read", gone_lane: "no longer stored",
  gap_certain: "certain", gap_within_clock_error: "within clock error (nobody is blamed)", gap_excused: "excused",
  gap_words: (len, what) => `${len} not recorded, ${what}`,
  findings_here: "Findings", no_findings_here: "Nothing was found wrong with this stage.", whole: "whole",
  records_here: "Recordings", file: "File", role: "Role", start: "Start", source: "Source", error: "Error", covers: "Covers",
  linked: "linked by hand", unresolved: "Linked, but not stored: ", excuses_here: "Excuses", recorded_by: "recorded by",
  rec_title: "Recordings", rec_stored: "usable", rec_quarantined: "quarantined", rec_gone: "gone",
  rec_line: (b) => `${b} stored`, rec_show_quarantined: "Quarantined", rec_show_all: "All", rec_problem: "Any condition",
  rec_search: "File name contains", rec_none: "No recording matches.", rec_none_quarantined: "No file is quarantined.",
  quarantine_note: "A quarantined file cannot be read, so it covers nothing; the original stays as it is.",
  device: "Device", badge: "Officer", length: "Length", size: "Size", container: "Format", problems: "Condition", readable: "readable", state_gone: "no longer stored",
  version: (n) => `version ${n}`,
  foot_policy: (p) => `Policy: ${p.name} (${p.document}《${p.title}》)`, foot_unconfirmed: (n) => `${n} figures have no public text behind them and are marked 待核 (to be confirmed)`,
  foot_note: "This page only reads; every figure is computed from the catalog as it is now.",
  stage_kinds: { complaint_handling: "Complaint handling", site_inspection: "Site inspection", simple_penalty: "Simple penalty", lien_service: "Lien service",
    seizure: "Seizure", evidence_registration: "Evidence registration", forced_demolition: "Forced demolition", hearing: "Hearing",
    emergency: "Emergency", legal_review: "Legal review" },
  codes: { missing: "missing", late_start: "late start", early_stop: "early stop", gap: "gap", one_recorder: "one recorder",
    no_audio: "no sound", silent: "silent", black: "black", frozen: "frozen", truncated: "truncated", damaged: "damaged",
    late_upload: "late upload", altered: "altered", clock_off: "clock off", reused: "reused", not_uploaded: "not uploaded",
    lost: "lost", unattributed: "nobody's", no_spoken_restart: "restart not explained" },
  severities: { notice: "notice", irregular: "irregular", missing: "missing" },
  certainties: { certain: "certain", within_clock_error: "within clock error, nobody is blamed" },
  reasons: { fault: "device fault", weather: "weather", battery: "battery empty", storage: "storage full", change_of_venue: "change of venue",
    secrecy: "secrecy", privacy: "privacy", urgency: "urgency" },
  roles: { covers: "covers the stage", covers_nothing: "covers nothing", unreadable: "cannot be read", gone: "no longer stored" },
  sources: { telemetry: "telemetry", sidecar: "sidecar", file_name: "file name", container: "container" },
  devices: { bodycam: "body camera", drone: "drone", vehicle: "vehicle camera", dock: "dock" },
  problem_codes: { empty: "empty", unreadable: "unreadable", no_index: "no index", truncated: "truncated", damaged: "damaged",
    no_video: "no video", no_audio: "no audio", time_reset: "time reset", encrypted: "encrypted" },
};

/** The language: asked for in the address, remembered, or Chinese. */
export const lang = (() => {
  const asked = new URLSearchParams(location.search).get("lang");
  const known = (name) => name === "zh" || name === "en";
  try {
    if (known(asked)) localStorage.setItem("lang", asked);
    const kept = localStorage.getItem("lang");
    return known(asked) ? asked : known(kept) ? kept : "zh";
  } catch {
    return known(asked) ? asked : "zh";
  }
})();

export const w = lang === "en" ? en : zh;

/** The word for a code; a code of a newer service is shown as it is. */
export const word = (words, code) => words[code] ?? code;

export const number = (n) => new Intl.NumberFormat("en-US").format(n);

export const seconds = (us) => number(Math.floor(us / 1e6));

/** A month as people write it. */
export function monthName(month) {
  if (lang === "en") return month;
  const [year, number_] = month.split("-");
  return `${year}年${Number(number_)}月`;
}

/** A share in per cent with one digit, never rounded up. */
export function percent(part, whole) {
  if (whole <= 0) return "–";
  const permille = Math.floor((part / whole) * 1000);
  return `${Math.floor(permille / 10)}.${permille % 10}%`;
}

/** A length: 7.0 秒, 3 分 12 秒, 1 小时 05 分. */
export function length(us) {
  const ms = Math.floor(Math.abs(us) / 1000);
  const s = Math.floor(ms / 1000);
  const two = (n) => String(n).padStart(2, "0");
  const [h, min, sec] = lang === "en" ? ["h", "min", "s"] : ["小时", "分", "秒"];
  if (s < 60) return `${s}.${Math.floor((ms % 1000) / 100)} ${sec}`;
  if (s < 3600) return `${Math.floor(s / 60)} ${min} ${two(s % 60)} ${sec}`;
  return `${Math.floor(s / 3600)} ${h} ${two(Math.floor(s / 60) % 60)} ${min}`;
}

export function bytes(n) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let at = 0;
  let value = n;
  while (value >= 1000 && at < units.length - 1) { value /= 1000; at += 1; }
  return `${at === 0 ? value : value.toFixed(1)} ${units[at]}`;
}

// The service writes every time with Shanghai's offset, so its own digits are what people read,
// wherever the browser stands.
export const day = (time) => time.slice(0, 10);
export const clock = (time) => time.slice(11, 19);
export const moment = (time) => `${day(time)} ${clock(time)}`;
export const span = (start, end) => (day(start) === day(end)
  ? `${moment(start)}–${clock(end)}`
  : `${moment(start)} – ${moment(end)}`);

/** What a finding says, in words. */
export const told = (finding) => (lang === "en" ? finding.observed : finding.detail_zh);
