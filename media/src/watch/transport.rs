//! Packets of an MPEG transport stream (ISO/IEC 13818-1, 2.4): are they whole, in step, in the
//! clear, and is the unit that the last of them belongs to finished?

use catalog::observation::ProblemCode;

use super::{Breaks, Seen, Watch};

const SYNC: u8 = 0x47;
const NULL_PID: u16 = 0x1fff;
const PIDS: usize = 0x2000;
/// Bytes looked at to find the step again after it was lost.
const RESYNC: usize = 5;

pub(super) struct TransportWatch {
    packet_bytes: usize,
    /// Where in a packet, as it stands in the file, the sync byte is.
    sync_at: usize,
    /// Bytes not yet looked at, and where they begin.
    held: Vec<u8>,
    held_at: u64,
    /// By identifier; most are never met.
    pids: Vec<Option<Pid>>,
    in_step: bool,
    losses: u64,
    lost_bytes: u64,
    first_loss: u64,
    transport_errors: u64,
    breaks: Breaks,
    media_packets: u64,
    scrambled_packets: u64,
}

/// The unit that the packets of a PID belong to at present.
#[derive(Default, PartialEq, Eq)]
enum Unit {
    /// None, or one that states its length, or none of pictures.
    #[default]
    Other,
    /// One of pictures that does not state its length.
    Pictures,
}

#[derive(Default)]
struct Pid {
    counter: Option<u8>,
    repeated: bool,
    /// Whether packetised elementary streams were seen in it.
    media: bool,
    /// Bytes that the open unit, whose length is stated, still lacks; and where it began.
    lacks: u64,
    unit_at: u64,
    unit: Unit,
    /// Whether the last packet was filled to its end. The last packet of a unit is stuffed, but for the one
    /// unit in 184 that fills it by chance.
    full: bool,
}

impl TransportWatch {
    /// `sync_at` is the position of the first sync byte in the file.
    pub(super) fn new(packet_bytes: usize, sync_at: usize) -> Self {
        // M2TS puts four bytes of arrival time before each packet.
        let prefix = if packet_bytes == 192 && sync_at >= 4 { 4 } else { 0 };
        Self {
            packet_bytes,
            sync_at: prefix,
            held: Vec::new(),
            held_at: 0,
            pids: std::iter::repeat_with(|| None).take(PIDS).collect(),
            in_step: sync_at == prefix,
            losses: 0,
            lost_bytes: 0,
            first_loss: 0,
            transport_errors: 0,
            breaks: Breaks::default(),
            media_packets: 0,
            scrambled_packets: 0,
        }
    }

    /// Looks at all whole packets in `bytes`, which stand at `offset`; at the end of the file also at what is less
    /// certain. Gives how many bytes need not be seen again.
    fn digest(&mut self, offset: u64, bytes: &[u8], at_end: bool) -> usize {
        let mut done = 0;
        while bytes.len() - done >= self.packet_bytes {
            // Out of step: wait until enough is there to be certain, then look on byte by byte.
            if !self.in_step && !at_end && bytes.len() - done < RESYNC * self.packet_bytes {
                break;
            }
            let packet = &bytes[done..done + self.packet_bytes];
            let at = offset + done as u64;
            if packet[self.sync_at] == SYNC
                && (self.in_step || Self::confirmed(&bytes[done..], self.sync_at, self.packet_bytes))
            {
                self.in_step = true;
                self.packet(at, &packet[self.sync_at..self.packet_bytes.min(self.sync_at + 188)]);
                done += self.packet_bytes;
                continue;
            }
            if self.in_step {
                self.in_step = false;
                if self.losses == 0 {
                    self.first_loss = at;
                }
                self.losses += 1;
                continue;
            }
            self.lost_bytes += 1;
            done += 1;
        }
        done
    }

    /// Looks at what is held, completed by as much of `bytes` as that takes; gives how much was taken.
    fn digest_held(&mut self, bytes: &[u8]) -> usize {
        // In step the rest of one packet is wanted, out of step enough to find it again.
        let wanted = if self.in_step { self.packet_bytes } else { 2 * RESYNC * self.packet_bytes };
        let taken = wanted.saturating_sub(self.held.len()).min(bytes.len());
        let mut held = std::mem::take(&mut self.held);
        held.extend_from_slice(&bytes[..taken]);
        let done = self.digest(self.held_at, &held, false);
        self.held_at += done as u64;
        held.drain(..done);
        self.held = held;
        taken
    }

    fn confirmed(bytes: &[u8], sync_at: usize, packet_bytes: usize) -> bool {
        bytes[sync_at..].iter().step_by(packet_bytes).take(RESYNC).all(|&b| b == SYNC)
    }

    fn packet(&mut self, at: u64, packet: &[u8]) {
        let pid = u16::from(packet[1] & 0x1f) << 8 | u16::from(packet[2]);
        if pid == NULL_PID {
            return;
        }
        if packet[1] & 0x80 != 0 {
            self.transport_errors += 1;
            return;
        }
        let (starts_unit, scrambled) = (packet[1] & 0x40 != 0, packet[3] >> 6 != 0);
        let (adapted, has_payload, counter) = (packet[3] & 0x20 != 0, packet[3] & 0x10 != 0, packet[3] & 0xf);
        let field = if adapted { usize::from(packet[4]) + 1 } else { 0 };
        let announced_jump = adapted && packet[4] > 0 && packet[5] & 0x80 != 0;
        let Some(state) = self.pids.get_mut(usize::from(pid)) else { return };
        let state = state.get_or_insert_default();
        if !has_payload {
            return;
        }
        let payload = packet.get(4 + field..).unwrap_or_default();
        match state.counter.replace(counter) {
            Some(last) if last == counter && !state.repeated && !announced_jump => {
                // A packet may be sent twice.
                state.repeated = true;
                return;
            }
            Some(last) if (last + 1) & 0xf != counter && !announced_jump => {
                if self.breaks.count == 0 {
                    self.breaks.first_at = at;
                }
                self.breaks.last_at = at;
                self.breaks.count += 1;
                // How much of the open unit is missing cannot be known.
                state.lacks = 0;
            }
            _ => {}
        }
        state.repeated = false;
        state.full = !adapted;
        if state.media {
            self.media_packets += 1;
            self.scrambled_packets += u64::from(scrambled);
        }
        let payload_bytes = payload.len() as u64;
        if !starts_unit || scrambled {
            state.lacks = state.lacks.saturating_sub(payload_bytes);
            state.media |= scrambled && pid > 0x1f;
            return;
        }
        let Some(&[0, 0, 1, id, high, low]) = payload.first_chunk::<6>() else {
            state.lacks = 0;
            return;
        };
        if !state.media {
            state.media = true;
            self.media_packets += 1;
        }
        let stated = u64::from(u16::from_be_bytes([high, low]));
        let footage = matches!(id, 0xbd | 0xc0..=0xef | 0xfd);
        state.unit = if stated == 0 && matches!(id, 0xe0..=0xef) { Unit::Pictures } else { Unit::Other };
        state.unit_at = at;
        state.lacks = if stated > 0 && footage { (stated + 6).saturating_sub(payload_bytes) } else { 0 };
    }
}

impl Watch for TransportWatch {
    fn feed(&mut self, offset: u64, bytes: &[u8]) {
        let mut at = 0;
        while !self.held.is_empty() && at < bytes.len() {
            at += self.digest_held(&bytes[at..]);
        }
        if self.held.is_empty() {
            // The usual case, which copies nothing but the cut packet at the end.
            at += self.digest(offset + at as u64, &bytes[at..], false);
            self.held.extend_from_slice(&bytes[at..]);
            self.held_at = offset + at as u64;
        }
    }

    fn finish(&mut self, size_bytes: u64) -> Seen {
        let held = std::mem::take(&mut self.held);
        let done = self.digest(self.held_at, &held, true);
        let mut seen = Seen::default();
        let rest = held.len() - done;
        let pids = || (0u16..).zip(&self.pids).filter_map(|(pid, state)| Some((pid, state.as_ref()?)));
        if self.in_step && rest > 0 {
            seen.note(
                ProblemCode::Truncated,
                format!("the last packet has {rest} of {} bytes", self.packet_bytes),
            );
        } else if let Some((pid, state)) = pids().find(|(_, state)| state.lacks > 0) {
            seen.note(
                ProblemCode::Truncated,
                format!(
                    "the last unit of PID {pid:#x}, which begins at byte {}, lacks {} of its bytes at the end of the file ({size_bytes})",
                    state.unit_at, state.lacks
                ),
            );
        }
        if seen.problems.is_empty() {
            let open = pids().filter(|(_, state)| state.unit == Unit::Pictures && state.full);
            seen.open_ends = open.map(|(pid, _)| i32::from(pid)).collect();
        }
        if self.losses > 0 && self.lost_bytes > 0 {
            seen.note(
                ProblemCode::Damaged,
                format!(
                    "{} bytes are no packets, in {} stretches, the first at byte {}",
                    self.lost_bytes, self.losses, self.first_loss
                ),
            );
        }
        if self.transport_errors > 0 {
            seen.note(
                ProblemCode::Damaged,
                format!("{} packets are marked as received wrongly", self.transport_errors),
            );
        }
        if self.scrambled_packets * 2 > self.media_packets {
            seen.note(
                ProblemCode::Encrypted,
                format!("{} of {} packets are scrambled", self.scrambled_packets, self.media_packets),
            );
        }
        if self.breaks.count > 0 {
            self.breaks.streams = pids().count() as u64;
            seen.breaks = Some(std::mem::take(&mut self.breaks));
        }
        seen
    }
}
