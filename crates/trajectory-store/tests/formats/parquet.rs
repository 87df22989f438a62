//! Rows of Parquet files come back as they were, in groups of at most a thousand.

use std::fs::File;
use std::path::Path;

use offseeker_trajectory::{Pair, Sample, Trajectory};
use offseeker_trajectory_store::conformance;
use offseeker_trajectory_store::formats::{FormatError, ParquetReader, ParquetRow, ParquetWriter, RowError, VerlRow};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};

use crate::training::{pair, sample, tokens};
use crate::{calling, golden, result};
use offseeker_trajectory::Message;

fn write<T: ParquetRow>(path: &Path, rows: impl IntoIterator<Item = T>) -> u64 {
    let mut writer = ParquetWriter::create(path).unwrap();
    for row in rows {
        writer.write(row).unwrap();
    }
    writer.finish().unwrap()
}

fn read<T: ParquetRow>(path: &Path) -> Vec<T> {
    ParquetReader::open(path).unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn every_kind_of_row_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let attempts: Vec<Trajectory> = (0..70).map(|number| conformance::attempt("parquet", number)).collect();
    assert_eq!(write(&path, attempts.clone()), 70);
    assert_eq!(read::<Trajectory>(&path), attempts);

    let samples = [sample([Message::user("q"), calling(2), result("r"), Message::assistant("a")]), tokens()];
    write(&path, samples.clone());
    assert_eq!(read::<Sample>(&path), samples);

    let tokens = Pair { chosen: tokens(), rejected: tokens(), ..pair() };
    write(&path, [pair(), tokens.clone()]);
    assert_eq!(read::<Pair>(&path), [pair(), tokens]);

    let questions: Vec<VerlRow> = golden("verl").iter().map(|row| VerlRow::read(row).unwrap()).collect();
    write(&path, questions.clone());
    assert_eq!(read::<VerlRow>(&path), questions);

    write::<Trajectory>(&path, []);
    assert_eq!(read::<Trajectory>(&path), []);
}

#[test]
fn groups_have_at_most_a_thousand_rows_and_are_packed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let question = VerlRow::read(&golden("verl")[0]).unwrap();
    assert_eq!(write(&path, std::iter::repeat_n(question, 2_500)), 2_500);
    let file = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
    let groups: Vec<i64> = file.metadata().row_groups().iter().map(RowGroupMetaData::num_rows).collect();
    assert_eq!(groups, [1_000, 1_000, 500]);
    let packed = file.metadata().row_group(0).column(0).compression();
    assert!(matches!(packed, parquet::basic::Compression::ZSTD(_)), "{packed}");
}

#[test]
fn a_row_that_cannot_be_written_is_named_and_the_others_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let mut writer = ParquetWriter::create(&path).unwrap();
    writer.write(pair()).unwrap();
    let error = writer.write(Pair { fork: 9, ..pair() }).unwrap_err();
    assert!(matches!(error, FormatError::Row { line: 2, source: RowError::Field { .. }, .. }), "{error}");
    writer.write(pair()).unwrap();
    assert!(!path.exists());
    assert_eq!(writer.finish().unwrap(), 2);
    assert_eq!(read::<Pair>(&path).len(), 2);
}

#[test]
fn a_file_that_is_none_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    std::fs::write(&path, "text").unwrap();
    let error = ParquetReader::<Trajectory>::open(&path).unwrap_err();
    assert!(matches!(error, FormatError::Columns { .. }), "{error}");
    write(&path, golden("verl").iter().map(|row| VerlRow::read(row).unwrap()));
    let told = ParquetReader::<Trajectory>::open(&path).unwrap_err().to_string();
    assert!(told.contains("its columns are data_source, prompt"), "{told}");

    write(&path, [sample([Message::user("q"), Message::assistant("a")])]);
    let found: Vec<_> = ParquetReader::<Trajectory>::open(&path).unwrap().collect();
    assert!(matches!(&found[..], [Err(FormatError::Row { line: 1, .. })]), "{found:?}");
}
