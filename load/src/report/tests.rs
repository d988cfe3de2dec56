use super::*;

fn report(members: u64, value: f64) -> Report {
    let case = Case::new(format!("{members} members"))
        .with("CPU per delivery", "us", value)
        .with_faults("lost", 0);
    Report {
        scenario: "fan-out".to_owned(),
        settings: Map::from_iter([("members".to_owned(), members.into())]),
        began_at: 1_700_000_000,
        load_average: 2.5,
        cases: vec![case],
    }
}

#[test]
fn a_first_run_is_shown_alone() {
    let table = report(100, 0.25).table(None);
    let expected = "\
| figure               | 100 members |
|----------------------|------------:|
| CPU per delivery, us |       0.250 |
| lost                 |           0 |";
    assert_eq!(table, expected);
}

#[test]
fn a_later_run_stands_beside_the_last_one() {
    let table = report(100, 0.5).table(Some(&report(100, 0.25)));
    let line = "| CPU per delivery, us |       0.500 |    0.250 |  2.00 |";
    assert!(table.lines().any(|found| found == line), "{table}");
    let line = "| lost                 |           0 |        0 |     - |";
    assert!(table.lines().any(|found| found == line), "{table}");
}

#[test]
fn a_case_or_figure_that_the_other_run_lacks_is_left_out() {
    let table = report(200, 12345.678).table(Some(&report(100, 0.25)));
    let line = "| CPU per delivery, us |       12346 |        - |     - |";
    assert!(table.lines().any(|found| found == line), "{table}");
    let mut two = report(100, 1.5);
    two.cases.push(Case::new("other").with("waited", "", 33.33));
    let table = two.table(None);
    assert!(
        table.contains("| CPU per delivery, us |        1.50 |     - |"),
        "{table}"
    );
    assert!(
        table.contains("| waited               |           - |  33.3 |"),
        "{table}"
    );
}

#[test]
fn a_run_with_a_fault_is_not_sound() {
    let mut report = report(100, 0.25);
    assert!(report.is_sound());
    report.cases.push(Case::new("b").with_faults("doubled", 1));
    assert!(!report.is_sound());
}

#[test]
fn of_several_measurements_the_middle_is_shown_and_the_worst_fault() {
    let case = |name: &str, value, lost| {
        Case::new(name)
            .with("a", "", value)
            .with_faults("lost", lost)
    };
    let cases = [
        case("x", 3.0, 0),
        case("y", 70.0, 0),
        case("x", 1.0, 4),
        case("x", 2.0, 0),
    ];
    assert_eq!(Case::median("x", &cases), case("x", 2.0, 4));
    assert_eq!(Case::median("y", &cases), cases[1]);
    assert_eq!(Case::median("z", &cases), Case::new("z"));
}

#[test]
fn runs_are_found_again_by_their_settings() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::of(&folder.path().join("load"), "fan-out");
    assert_eq!(archive.last(&report(100, 1.0)).unwrap(), Found::Nothing);
    archive.put(&report(100, 1.0)).unwrap();
    archive.put(&report(200, 2.0)).unwrap();
    archive.put(&report(100, 3.0)).unwrap();
    let found = archive.last(&report(100, 9.0)).unwrap();
    assert_eq!(found, Found::Same(Box::new(report(100, 3.0))));
    let found = archive.last(&report(200, 9.0)).unwrap();
    assert_eq!(found, Found::Same(Box::new(report(200, 2.0))));
    assert_eq!(archive.last(&report(300, 9.0)).unwrap(), Found::Others);
}

#[test]
fn only_so_many_settings_are_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::of(folder.path(), "fan-out");
    for members in 0..40 {
        archive.put(&report(members, 1.0)).unwrap();
    }
    assert_eq!(archive.last(&report(7, 1.0)).unwrap(), Found::Others);
    assert!(matches!(
        archive.last(&report(8, 1.0)).unwrap(),
        Found::Same(_)
    ));
}

#[test]
fn a_file_that_is_no_archive_is_named_and_then_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::of(folder.path(), "fan-out");
    std::fs::write(folder.path().join("fan-out.json"), "not JSON").unwrap();
    let error = archive.last(&report(1, 1.0)).unwrap_err();
    assert!(format!("{error:#}").contains("fan-out.json"), "{error:#}");
    archive.put(&report(1, 1.0)).unwrap();
    assert!(matches!(
        archive.last(&report(1, 1.0)).unwrap(),
        Found::Same(_)
    ));
}
