//! What can be found of drones, by code.

use crate::code::coded;

coded! {
    /// What a finding about drones is about.
    pub enum DroneFindingCode("finding about drones") {
        /// Less of the flyable ground was filmed than the goal asks for.
        BelowTarget = "below_target" / "覆盖率未达标",
        /// Cells of the ground were not seen for longer than policy allows, or never.
        NotSeen = "not_seen" / "长期未巡查",
        /// A flight has no video.
        NoVideo = "no_video" / "有架次无视频",
        /// The video of a flight is gone from its store.
        VideoGone = "video_gone" / "视频已不在存储中",
        /// The video of a flight cannot be read.
        VideoUnreadable = "video_unreadable" / "视频无法读取",
        /// There is video of a flight, and nothing says where the drone was.
        NoPosition = "no_position" / "无航迹",
        /// A part of a flight has no picture.
        VideoGap = "video_gap" / "飞行中视频中断",
        /// The recording begins long after take-off, or ends long before landing.
        VideoShort = "video_short" / "视频未覆盖起降全程",
        /// A drone recorded, and there is no flight that it could be of.
        NoSortie = "no_sortie" / "有视频无架次",
        /// A flight was planned and did not take place.
        NotFlown = "not_flown" / "计划未飞",
        /// Something that rows refer to was not found.
        Unmatched = "unmatched" / "数据未对上",
        /// An area is drawn in a way that has to be interpreted.
        AreaRepaired = "area_repaired" / "区域图形不规范",
    }
}
