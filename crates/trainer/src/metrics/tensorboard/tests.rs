//! Event files have the bytes that their readers expect.

use super::*;

#[test]
fn checksums_are_the_published_ones() {
    // RFC 3720, B.4, and the mask of TFRecord.
    assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
    assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
    assert_eq!(masked(0), 0xa282_ead8);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn records_are_those_that_tensorboard_writes() {
    // From `tensorboard.summary.writer.record_writer` 2.x.
    let first = "1800000000000000a37f4b220900002040fc54d9411a0d627261696e2e4576656e743a322b353110";
    assert_eq!(hex(&record(&version(1_700_000_000.5))), first);
    let values = [("loss", 0.6875), ("rewards/margins", -0.25)].map(|(name, value)| (name.to_owned(), value));
    let second = "33000000000000000ca720560900002040fc54d94110ac022a250a0b0a046c6f7373150000303f\
                  0a160a0f726577617264732f6d617267696e7315000080be632ec1da";
    assert_eq!(hex(&record(&summary_event(1_700_000_000.5, 300, values))), second);
}

#[test]
fn a_file_made_anew_is_that_of_a_run_that_never_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let rows = [1, 2, 3].map(|step| Metrics { step, loss: 1.0 / step as f64, time: 1e9, ..Metrics::default() });
    let [whole, again] = ["whole", "again"].map(|name| folder.path().join(name));
    let mut board = TensorBoard::create(&whole, &rows[..1]).unwrap();
    rows[1..].iter().for_each(|row| board.append(row).unwrap());
    for rows in [&rows[..2], &rows] {
        TensorBoard::create(&again, rows).unwrap();
    }
    let read = |folder: &Path| std::fs::read(folder.join(NAME)).unwrap();
    assert_eq!(read(&again), read(&whole));
    assert!(TensorBoard::create(&whole.join(NAME), &rows).is_err(), "a file is no folder");
}
