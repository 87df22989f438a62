//! A folder of pages, and a teacher behind a server on this machine.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use offseeker_chat::{Reply, Request, Scripted};
use offseeker_language_model::serve::Server;
use offseeker_pipeline::config::{CorpusKind, TeacherKind};
use offseeker_pipeline::{Config, Pipeline, QuestionFiles, RunFolder, Set, Stage};
use offseeker_trajectory::{Message, Role};

use crate::tiny::config;

const RIVERS: usize = 12;
const MILLS: usize = 90;

/// Mills on rivers that flow into seas: each a page with fields and links.
fn write_pages(folder: &Path) {
    let write = |name: &str, text: String| fs::write(folder.join(format!("{name}.md")), text).unwrap();
    for sea in 0..4 {
        write(&format!("sea-{sea}"), format!("# Sea of {}\n\nType: sea\n\nIt is cold.\n", word(sea + 500)));
    }
    for river in 0..RIVERS {
        let (name, sea) = (word(river + 300), river % 4);
        let link = format!("[Sea of {}](sea-{sea}.md)", word(sea + 500));
        write(
            &format!("river-{river}"),
            format!("# {name}\n\nType: river\nLength: {}\n\nThe {name} flows into the {link}.\n", 40 + river * 7),
        );
    }
    for mill in 0..MILLS {
        let (name, river) = (word(mill), mill % RIVERS);
        let link = format!("[{}](river-{river}.md)", word(river + 300));
        let text =
            format!("# {name} mill\n\nType: mill\nBuilt: {}\n\n{name} mill stands on the {link}.\n", 1700 + mill);
        write(&format!("mill-{mill}"), text);
    }
}

/// A name that no other number has.
fn word(number: usize) -> String {
    let sounds = ["Ka", "Ri", "No", "Tel", "Mur", "Sof", "Ven", "Da", "Lin", "Gor"];
    format!(
        "{}{}{}",
        sounds[number % 10],
        sounds[number / 10 % 10].to_lowercase(),
        sounds[number / 100 % 10].to_lowercase()
    )
}

/// Looks up what it knows to be the answer, as soon as there are questions to know.
fn teacher(run: PathBuf) -> Scripted {
    Scripted::by(move |request: Request<'_>| {
        let files = QuestionFiles::new(RunFolder::new(&run).questions());
        let asked = files.read(Set::Train).unwrap();
        let answers: HashMap<&str, &str> =
            asked.iter().map(|it| (it.text.as_str(), it.answers[0].text.as_str())).collect();
        let question = request.messages.iter().find(|message| message.role == Role::User).unwrap();
        let answer = answers.get(question.content.trim()).copied().unwrap_or("unknown");
        let turns = request.messages.iter().filter(|message| message.role == Role::Assistant).count();
        let last = &request.messages.last().unwrap().content;
        let hit = last.lines().find(|line| line.contains("://")).unwrap_or("file:///nowhere").trim();
        let hit = hit.trim_start_matches("<tool_response>").trim_end_matches("</tool_response>");
        Ok(Reply::new(Message::assistant(match turns {
            0 => format!("<search>{answer}</search>"),
            1 => format!("<visit>{hit}</visit>"),
            _ => format!("<answer>{answer}</answer>"),
        })))
    })
}

fn of_folder(pages: &Path, address: &str) -> Config {
    let mut config = config();
    config.corpus.kind = CorpusKind::Folder;
    config.corpus.folder.path = pages.to_owned();
    config.teacher.kind = TeacherKind::Endpoint;
    config.teacher.endpoint.base_url = format!("http://{address}/v1");
    config.teacher.endpoint.model = "scripted".to_owned();
    config.questions.planned.items = 200;
    config.questions.planned.hops = vec![1, 1];
    config.questions.planned.held_out = 0.3;
    config.attempts.times = 1;
    // This teacher knows what it looks for.
    config.filter.diversity.may_know = true;
    (config.agent.window, config.sft.epochs) = (2_048, 1);
    (config.rollouts.questions, config.rollouts.times) = (4, 1);
    config.evaluation.temperatures = vec![0.0];
    config.evaluation.sampled = 0.0;
    config
}

#[test]
fn from_a_folder_to_a_report() {
    let (pages, run) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_pages(pages.path());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let report = runtime.block_on(async {
        let server = Server::any(Arc::new(teacher(run.path().to_owned()))).bind("127.0.0.1:0").await.unwrap();
        let config = of_folder(pages.path(), &server.address().to_string());
        let served = tokio::spawn(server.run(std::future::pending()));
        let report = Pipeline::new(config, run.path()).run().await.unwrap();
        served.abort();
        report
    });
    let flow = |stage: Stage| &report.funnel.iter().find(|passed| passed.stage == stage).unwrap().flow;
    assert_eq!(flow(Stage::Graph).came, (4 + RIVERS + MILLS) as u64);
    let counted = &flow(Stage::Questions).counted;
    assert!(counted["train"] > 5 && counted["test"] > 0, "{counted:?}");
    assert!(flow(Stage::Samples).went > 0, "{:?}", flow(Stage::Samples));
    assert!(report.results.lines.iter().any(|line| line.set == Set::Test));

    // Nothing that a question of the test has to do with is learnt from.
    let files = QuestionFiles::new(RunFolder::new(run.path()).questions());
    let entities = |set| -> std::collections::BTreeSet<String> {
        let plans = files.plans(set).unwrap();
        plans.values().flat_map(|plan| plan.bindings.values().map(ToString::to_string).collect::<Vec<_>>()).collect()
    };
    assert!(entities(Set::Train).is_disjoint(&entities(Set::Test)));
}
