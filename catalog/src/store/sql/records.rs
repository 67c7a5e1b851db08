//! What people did, on SQLite: every writing call is one transaction.

use async_trait::async_trait;

use super::{SqlCatalog, notices, returns, reviews, snapshot};
use crate::filing::{AnnouncedSeed, ReturnEntry, ReturnFile, ReturnRecord, ReturnState, ScheduleStep};
use crate::notice::{Notice, NoticeBody, NoticeEvent};
use crate::review::{Assignment, ReviewEvent, ReviewFile, Visit};
use crate::store::{Issue, Records, StoreError};
use crate::time::{Month, WallTime};
use crate::unit::Officer;

#[async_trait]
impl Records for SqlCatalog {
    async fn officers(&self) -> Result<Vec<Officer>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        snapshot::officers(&mut connection).await
    }

    async fn assign(&self, assignments: &[Assignment]) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let added = reviews::assign(&mut tx, assignments).await?;
        if added {
            tx.commit().await?;
        }
        Ok(added)
    }

    async fn review_file(&self, round: &str) -> Result<ReviewFile, StoreError> {
        // One transaction, so that assignments and events are of one moment.
        let mut tx = self.read().await?;
        let file = reviews::file(&mut tx, round).await?;
        tx.rollback().await?;
        Ok(file)
    }

    async fn add_review_event(&self, event: &ReviewEvent) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let added = reviews::add_event_of(&mut tx, event).await?;
        tx.commit().await?;
        Ok(added)
    }

    async fn add_visit(&self, visit: &Visit) -> Result<u64, StoreError> {
        let mut tx = self.write().await?;
        let number = reviews::add_visit(&mut tx, visit).await?;
        tx.commit().await?;
        Ok(number)
    }

    async fn visits(&self) -> Result<Vec<Visit>, StoreError> {
        reviews::visits(&self.pool).await
    }

    async fn draft_notice(
        &self,
        body: &NoticeBody,
        by: &str,
        at: WallTime,
    ) -> Result<(u64, bool), StoreError> {
        let mut tx = self.write().await?;
        let drafted = notices::draft(&mut tx, body, by, at).await?;
        tx.commit().await?;
        Ok(drafted)
    }

    async fn issue_notice(&self, issue: &Issue<'_>) -> Result<Option<NoticeEvent>, StoreError> {
        let mut tx = self.write().await?;
        let issued = notices::issue(&mut tx, issue).await?;
        if issued.is_some() {
            tx.commit().await?;
        }
        Ok(issued)
    }

    async fn add_notice_event(&self, notice: u64, event: &NoticeEvent) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let added = notices::add_event_of(&mut tx, notice, event).await?;
        tx.commit().await?;
        Ok(added)
    }

    async fn notices(&self) -> Result<Vec<Notice>, StoreError> {
        let mut tx = self.read().await?;
        let all = notices::all(&mut tx).await?;
        tx.rollback().await?;
        Ok(all)
    }

    async fn keep_return(&self, record: &ReturnRecord) -> Result<(u32, bool), StoreError> {
        let mut tx = self.write().await?;
        let kept = returns::keep(&mut tx, record).await?;
        tx.commit().await?;
        Ok(kept)
    }

    async fn returns(&self) -> Result<Vec<ReturnEntry>, StoreError> {
        let mut tx = self.read().await?;
        let all = returns::all(&mut tx).await?;
        tx.rollback().await?;
        Ok(all)
    }

    async fn return_files(
        &self,
        month: Month,
        policy: &str,
        state: ReturnState,
        version: u32,
    ) -> Result<Vec<ReturnFile>, StoreError> {
        returns::files(&self.pool, month, policy, state, version).await
    }

    async fn announce_seed(&self, seed: &AnnouncedSeed) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let added = returns::announce_seed(&mut tx, seed).await?;
        tx.commit().await?;
        Ok(added)
    }

    async fn announced_seed(&self, round: &str) -> Result<Option<AnnouncedSeed>, StoreError> {
        returns::announced_seed(&self.pool, round).await
    }

    async fn add_step(&self, step: &ScheduleStep) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        returns::add_step(&mut tx, step).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn steps(&self, month: Option<Month>) -> Result<Vec<ScheduleStep>, StoreError> {
        returns::steps(&self.pool, month).await
    }
}
