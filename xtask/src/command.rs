//! Running other programs, with errors that say which one failed and what to do.

use anyhow::{Context, Result, bail};
use std::io::ErrorKind;
use std::process::{Command, Stdio};

/// Runs a program to its end, its output going straight to the terminal.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .map_err(|error| not_started(command, &error))?;
    if !status.success() {
        bail!(
            "`{}` failed ({status}); its own message is above",
            shown(command)
        );
    }
    Ok(())
}

/// Runs a program and returns what it wrote to standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| not_started(command, &error))?;
    if !output.status.success() {
        bail!("`{}` failed ({})", shown(command), output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("reading `{}`", shown(command)))
}

/// Whether a program is there and ends well; what it says is thrown away.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// The command line as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The error for a program that could not even be started.
pub(crate) fn not_started(command: &Command, error: &std::io::Error) -> anyhow::Error {
    let program = command.get_program().to_string_lossy().into_owned();
    if error.kind() != ErrorKind::NotFound {
        return anyhow::anyhow!("cannot start `{}`: {error}", shown(command));
    }
    let advice = match program.as_str() {
        "cargo" | "rustc" | "rustup" => "install Rust with rustup, see https://rustup.rs",
        "apt-get" => "this step knows Debian's packages only; install the program by hand",
        _ => "install it and see that it is on PATH",
    };
    anyhow::anyhow!("`{program}` is not there: {advice}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_named_with_advice() {
        let error = run(&mut Command::new("hubbub-no-such-program")).unwrap_err();
        assert!(
            error.to_string().contains("hubbub-no-such-program"),
            "{error}"
        );
        assert!(error.to_string().contains("install it"), "{error}");
    }

    #[test]
    fn a_failing_program_is_named_with_its_arguments() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        assert!(error.to_string().contains("sh -c exit 3"), "{error}");
        assert!(error.to_string().contains('3'), "{error}");
    }
}
