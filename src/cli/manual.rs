//! `hecha completions` and `hecha man`: made from the same declarations as the help.

use std::fs;

use clap::Command;
use clap_mangen::Man;

use super::args::{CompletionsArgs, ManArgs};
use super::console::{self, Console};
use super::{Answer, Refusal, help};
use crate::dossier::folder::{self, FolderError};
use crate::text::both;

pub(super) fn completions(args: &CompletionsArgs, console: Console) -> Answer {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut help::command(console.lang), "hecha", &mut text);
    console::put(&text);
    Answer::Yes
}

pub(super) fn pages(args: &ManArgs, console: Console) -> Result<Answer, Refusal> {
    let mut command = help::command(console.lang);
    command.build();
    let Some(dir) = &args.out else {
        console::put(&page(command));
        return Ok(Answer::Yes);
    };
    let refuse = |error: FolderError| Box::new(error) as Refusal;
    fs::create_dir_all(dir).map_err(|error| refuse(FolderError::Io(dir.clone(), error)))?;
    let commands = command.get_subcommands().filter(|sub| sub.get_name() != "help").cloned();
    let all: Vec<Command> = std::iter::once(command.clone()).chain(commands).collect();
    let n = all.len();
    for command in all {
        let path = dir.join(Man::new(command.clone()).get_filename());
        folder::write_file(&path, &page(command)).map_err(refuse)?;
    }
    let shown = dir.display();
    console.result(&serde_json::json!({"out": dir, "pages": n}));
    console.line(&both!(console.lang, "已在 {shown} 写入{n}个手册页", "{n} pages written to {shown}"));
    Ok(Answer::Yes)
}

/// A command's page as roff. The date is left out, so that the same program gives the same page.
fn page(command: Command) -> Vec<u8> {
    let mut text = Vec::new();
    // Writing to memory cannot fail.
    let _ = Man::new(command).date("").render(&mut text);
    text
}
