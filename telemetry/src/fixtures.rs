//! Small inputs of every format, made up for the tests.

/// Mavic 2 and later, local clock with milliseconds and microseconds.
pub(crate) const BRACKETED: &str = "\
1
00:00:00,000 --> 00:00:00,033
<font size=\"36\">SrtCnt : 1, DiffTime : 33ms
2024-05-03 09:30:00,100,250
[iso : 100] [shutter : 1/80.0] [fnum : 280] [latitude: 31.230416] [longitude: 121.473701] [rel_alt: 1.300 abs_alt: 12.860] [gb_yaw: -35.2 gb_pitch: -10.1 gb_roll: 0.0] </font>

2
00:00:00,033 --> 00:00:00,066
<font size=\"36\">SrtCnt : 2, DiffTime : 33ms
2024-05-03 09:30:00,133,250
[iso : 100] [shutter : 1/80.0] [fnum : 280] [latitude: 31.230417] [longtitude: 121.473702] [rel_alt: 1.400 abs_alt: 12.960] [gb_yaw: -35.3 gb_pitch: -10.1 gb_roll: 0.0] </font>

3
00:00:00,066 --> 00:00:00,100
<font size=\"36\">SrtCnt : 3, DiffTime : 34ms
2024-05-03 09:30:00,166,900
[iso : 100] [shutter : 1/80.0] [fnum : 280] [latitude: 0.000000] [longitude: 0.000000] [rel_alt: 0.000 abs_alt: 0.000] </font>
";

/// Mavic Pro: longitude first, satellites third; the southern hemisphere, so that range decides
/// nothing where the longitude is small.
pub(crate) const MAVIC_PRO: &str = "\
1
00:00:01,000 --> 00:00:02,000
HOME(18.4241,-33.9249) 2017.08.05 14:11:51
GPS(18.4242,-33.9250,16) BAROMETER:1.9
ISO:100 Shutter:60 EV: Fnum:2.2

2
00:00:02,000 --> 00:00:03,000
HOME(18.4241,-33.9249) 2017.08.05 14:11:53
GPS(18.4243,-33.9251,16) BAROMETER:2.4
ISO:100 Shutter:60 EV: Fnum:2.2
";

/// Matrice 300: latitude first, an altitude in metres third.
pub(crate) const MATRICE: &str = "\
1\r
00:00:00,000 --> 00:00:01,000\r
2022.06.21 16:06:17\r
GPS(36.6146,-6.1120,12.5M) BAROMETER:0.3M\r
\r
2\r
00:00:01,000 --> 00:00:02,000\r
2022.06.21 16:06:18\r
GPS(36.6147,-6.1121,12.6M) BAROMETER:0.8M\r
";

/// Phantom 4 RTK: the distance from home tells the order.
pub(crate) const PHANTOM: &str = "\
1
00:00:00,000 --> 00:00:01,000
F/5.6, SS 400, ISO 100, EV 0, GPS (-58.851745, -34.237922, 15), HOME (-58.847509, -34.232707, -57.98m), D 698.70m, H 85.80m, H.S 2.50m/s, V.S 0.00m/s, F.PRY (2.7\u{b0}, -7.0\u{b0}, 110.1\u{b0}), G.PRY (-24.4\u{b0}, 0.0\u{b0}, 110.4\u{b0})
";

/// Sentences with right checksums over a midnight, and one with a wrong one.
pub(crate) const NMEA: &str = "\
$GNGGA,235959.00,3113.8250,N,12128.4221,E,1,12,0.8,15.3,M,9.9,M,,*7D
$GNRMC,235959.00,A,3113.8250,N,12128.4221,E,5.0,84.4,030524,,,A*7E
$GPGSV,1,1,00*79
$GNGGA,000000.00,3113.8260,N,12128.4231,E,1,12,0.8,15.4,M,9.9,M,,*79
$GNGGA,000001.00,3113.8260,N,12128.4231,E,1,12,0.8,15.4,M,9.9,M,,*00
$GNRMC,000002.00,V,,,,,,,040524,,,N*66
";

/// Two points, the second with an extension.
pub(crate) const GPX: &str = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<gpx version=\"1.1\" creator=\"test\" xmlns=\"http://www.topografix.com/GPX/1/1\" xmlns:e=\"urn:e\">
 <metadata><time>2024-05-03T00:00:00Z</time></metadata>
 <wpt lat=\"31.0\" lon=\"121.0\"><ele>1</ele></wpt>
 <trk><trkseg>
  <trkpt lat=\"31.230416\" lon=\"121.473701\"><ele>15.5</ele><time>2024-05-03T01:30:00.250Z</time></trkpt>
  <trkpt lat=\"31.230420\" lon=\"121.473710\"><ele>15.6</ele><time>2024-05-03T09:30:01+08:00</time>
   <extensions><e:p><e:speed>1.5</e:speed><e:course>84.4</e:course></e:p></extensions></trkpt>
 </trkseg></trk>
</gpx>
";

/// A GPMF item.
pub(crate) fn item(code: [u8; 4], kind: u8, size_bytes: u8, count: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = code.to_vec();
    bytes.extend([kind, size_bytes]);
    bytes.extend(count.to_be_bytes());
    bytes.extend(data);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// A GPMF container.
pub(crate) fn nest(code: [u8; 4], items: &[Vec<u8>]) -> Vec<u8> {
    let data = items.concat();
    let count = u16::try_from(data.len()).expect("a small fixture");
    item(code, 0, 1, count, &data)
}

/// A payload with four `GPS5` points and three rows of `ACCL`.
pub(crate) fn gps5_payload(utc: &str, fix: u32) -> Vec<u8> {
    let points: Vec<u8> = (0..4_i32)
        .flat_map(|number| [312_304_160 + number, 1_214_737_010 + number, 15_500, 1250, 130])
        .flat_map(i32::to_be_bytes)
        .collect();
    let scale: Vec<u8> =
        [10_000_000_i32, 10_000_000, 1000, 1000, 100].into_iter().flat_map(i32::to_be_bytes).collect();
    let gps = nest(
        *b"STRM",
        &[
            item(*b"STNM", b'c', 1, 3, b"GPS"),
            item(*b"GPSF", b'L', 4, 1, &fix.to_be_bytes()),
            item(*b"GPSU", b'U', 16, 1, utc.as_bytes()),
            item(*b"GPSP", b'S', 2, 1, &220_u16.to_be_bytes()),
            item(*b"SCAL", b'l', 4, 5, &scale),
            item(*b"GPS5", b'l', 20, 4, &points),
        ],
    );
    let accelerometer = nest(
        *b"STRM",
        &[item(*b"SCAL", b's', 2, 1, &418_i16.to_be_bytes()), item(*b"ACCL", b's', 6, 3, &[1; 18])],
    );
    nest(*b"DEVC", &[item(*b"DVNM", b'c', 1, 6, b"Camera"), gps, accelerometer])
}

/// A KLV set under the SMPTE prefix and twelve more bytes of key.
pub(crate) fn klv(key_tail: &[u8; 12], value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x06, 0x0e, 0x2b, 0x34];
    bytes.extend(key_tail);
    bytes.push(0x82);
    bytes.extend(u16::try_from(value.len()).expect("a small fixture").to_be_bytes());
    bytes.extend(value);
    bytes
}

/// A packet of ST 0601 with its checksum, from its other items.
pub(crate) fn st0601(items: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut value: Vec<u8> = Vec::new();
    for (tag, bytes) in items {
        value.extend([*tag, u8::try_from(bytes.len()).expect("a small fixture")]);
        value.extend(bytes);
    }
    value.extend([1, 2, 0, 0]);
    let mut packet = klv(&[0x02, 0x0b, 0x01, 0x01, 0x0e, 0x01, 0x03, 0x01, 0x01, 0, 0, 0], &value);
    let checksum_at = packet.len() - 2;
    let sum = packet[..checksum_at]
        .iter()
        .enumerate()
        .fold(0_u32, |sum, (at, &byte)| sum + (u32::from(byte) << if at % 2 == 0 { 8 } else { 0 }));
    packet[checksum_at..].copy_from_slice(&sum.to_be_bytes()[2..]);
    packet
}

/// Items whose values are known: half of each range, and one error value.
pub(crate) fn st0601_items() -> Vec<(u8, Vec<u8>)> {
    vec![
        (2, 1_714_699_800_000_000_u64.to_be_bytes().to_vec()),
        (3, b"MISSION".to_vec()),
        (5, 0x8000_u16.to_be_bytes().to_vec()),
        (6, i16::MIN.to_be_bytes().to_vec()),
        (13, 0x2c6a_5a00_i32.to_be_bytes().to_vec()),
        (14, 0x5663_5a00_i32.to_be_bytes().to_vec()),
        (15, 3072_u16.to_be_bytes().to_vec()),
        (16, u16::MAX.to_be_bytes().to_vec()),
        (17, 0_u16.to_be_bytes().to_vec()),
        (23, i32::MIN.to_be_bytes().to_vec()),
        (24, 0_i32.to_be_bytes().to_vec()),
        (65, vec![17]),
    ]
}
