//! What the model is shown before each turn, word by word.

use std::sync::Arc;

use offseeker_agent_loop::context::{Fold, Full, PackedMemory, ReSum, Report, StripOldReasoning, SummariseOld};
use offseeker_agent_loop::{ContextPolicy, Limits};
use offseeker_trajectory::{Message, Role};

use crate::stage::{Manner, agent, model, question};

/// How long pages are.
const WORDS: usize = 30;

/// A message in one line: who speaks, and what is said, with the calls that a server took out of it.
fn line(message: &Message) -> String {
    let calls = message.tool_calls.iter().map(|call| format!("<tool_call>{}:{}</tool_call>", call.id, call.arguments));
    let reasoning = message.reasoning.as_deref().map(|reasoning| format!("<think>{reasoning}</think>"));
    let text =
        message.content.replace(&" word".repeat(WORDS), " ..").replace("\"name\": \"look\", \"arguments\": ", "");
    let line = format!("{}: {}{text}{}", message.role, reasoning.unwrap_or_default(), calls.collect::<String>());
    line.replace('"', "'")
}

/// What the model is shown before some turns, without the instructions. What is shown beside the attempt is left out.
async fn check(policy: impl ContextPolicy + 'static, manner: Manner, is_native: bool, expected: &[(usize, &[&str])]) {
    let told = model(manner, is_native);
    agent(told.clone(), Arc::new(policy), is_native, WORDS, Limits::default()).attempt(&question()).await;
    let turns = told.asked().into_iter().filter(|request| request.messages[0].role == Role::System);
    let shown: Vec<Vec<String>> = turns.map(|request| request.messages[1..].iter().map(line).collect()).collect();
    for (turn, expected) in expected {
        assert_eq!(shown[turn - 1], *expected, "before turn {turn}");
    }
}

#[tokio::test]
async fn old_observations_are_shown_as_summaries() {
    check(
        SummariseOld { least: 20, ..SummariseOld::default() },
        Manner::Summarising,
        false,
        &[
            (
                2,
                &[
                    "user: Q: Which page is the last?",
                    "assistant: <think>T1</think><tool_call>{{'page': 1}}</tool_call>",
                    "user: <tool_response>\npage 1 is here ..\n</tool_response> Go on.",
                ],
            ),
            (
                3,
                &[
                    "user: Q: Which page is the last?",
                    "assistant: <think>T1</think><tool_call>{{'page': 1}}</tool_call>",
                    "user: <tool_response>\n[Summary of what was shown here]\npage 1 in short\n</tool_response> Go on.",
                    "assistant: <think>T2</think><tool_call>{{'page': 2}}</tool_call>",
                    "user: <tool_response>\npage 2 is here ..\n</tool_response> Go on.",
                ],
            ),
            (
                5,
                &[
                    "user: Q: Which page is the last?",
                    "assistant: <think>T1</think><tool_call>{{'page': 1}}</tool_call>",
                    "user: <tool_response>\n[Summary of what was shown here]\npage 1 in short\n</tool_response> Go on.",
                    "assistant: <think>T2</think><tool_call>{{'page': 2}}</tool_call>",
                    "user: <tool_response>\n[Summary of what was shown here]\npage 2 in short\n</tool_response> Go on.",
                    "assistant: <think>T3</think><tool_call>{{'page': 3}}</tool_call>",
                    "user: <tool_response>\n[Summary of what was shown here]\npage 3 in short\n</tool_response> Go on.",
                    "assistant: <think>T4</think><tool_call>{{'page': 4}}</tool_call>",
                    "user: <tool_response>\npage 4 is here ..\n</tool_response> Go on.",
                ],
            ),
        ],
    )
    .await;
    check(
        SummariseOld { keep_raw: 2, least: 20, model: None },
        Manner::Summarising,
        false,
        &[(
            4,
            &[
                "user: Q: Which page is the last?",
                "assistant: <think>T1</think><tool_call>{{'page': 1}}</tool_call>",
                "user: <tool_response>\n[Summary of what was shown here]\npage 1 in short\n</tool_response> Go on.",
                "assistant: <think>T2</think><tool_call>{{'page': 2}}</tool_call>",
                "user: <tool_response>\npage 2 is here ..\n</tool_response> Go on.",
                "assistant: <think>T3</think><tool_call>{{'page': 3}}</tool_call>",
                "user: <tool_response>\npage 3 is here ..\n</tool_response> Go on.",
            ],
        )],
    )
    .await;
    check(
        SummariseOld::default(),
        Manner::Summarising,
        false,
        &[(
            3,
            &[
                "user: Q: Which page is the last?",
                "assistant: <think>T1</think><tool_call>{{'page': 1}}</tool_call>",
                "user: <tool_response>\npage 1 is here ..\n</tool_response> Go on.",
                "assistant: <think>T2</think><tool_call>{{'page': 2}}</tool_call>",
                "user: <tool_response>\npage 2 is here ..\n</tool_response> Go on.",
            ],
        )],
    )
    .await;
    check(
        SummariseOld { least: 20, ..SummariseOld::default() },
        Manner::Stubborn,
        false,
        &[(
            3,
            &[
                "user: Q: Which page is the last?",
                "assistant: <think>T1</think><tool_call>{{'page': 1}}</tool_call>",
                "user: <tool_response>\npage 1 is here ..\n</tool_response> Go on.",
                "assistant: <think>T2</think><tool_call>{{'page': 2}}</tool_call>",
                "user: <tool_response>\npage 2 is here ..\n</tool_response> Go on.",
            ],
        )],
    )
    .await;
    check(SummariseOld { least: 20, ..SummariseOld::default() }, Manner::Summarising, true, &[
        (3, &[
            "user: Q: Which page is the last?",
            "assistant: <think>T1</think><tool_call>a1:{'page': 1}</tool_call><tool_call>b1:{'page': 0}</tool_call>",
            "tool: [Summary of what was shown here]\npage 1 in short",
            "tool: [Summary of what was shown here]\npage 0 in short Go on.",
            "assistant: <think>T2</think><tool_call>a2:{'page': 2}</tool_call><tool_call>b2:{'page': 0}</tool_call>",
            "tool: page 2 is here ..",
            "tool: page 0 is here .. Go on.",
        ]),
    ])
    .await;
}

#[tokio::test]
async fn old_reasoning_is_left_out() {
    check(
        StripOldReasoning::default(),
        Manner::Stubborn,
        false,
        &[
            (
                2,
                &[
                    "user: Q: Which page is the last?",
                    "assistant: <think>T1</think><tool_call>{{'page': 1}}</tool_call>",
                    "user: <tool_response>\npage 1 is here ..\n</tool_response> Go on.",
                ],
            ),
            (
                3,
                &[
                    "user: Q: Which page is the last?",
                    "assistant: <tool_call>{{'page': 1}}</tool_call>",
                    "user: <tool_response>\npage 1 is here ..\n</tool_response> Go on.",
                    "assistant: <think>T2</think><tool_call>{{'page': 2}}</tool_call>",
                    "user: <tool_response>\npage 2 is here ..\n</tool_response> Go on.",
                ],
            ),
            (
                5,
                &[
                    "user: Q: Which page is the last?",
                    "assistant: <tool_call>{{'page': 1}}</tool_call>",
                    "user: <tool_response>\npage 1 is here ..\n</tool_response> Go on.",
                    "assistant: <tool_call>{{'page': 2}}</tool_call>",
                    "user: <tool_response>\npage 2 is here ..\n</tool_response> Go on.",
                    "assistant: <tool_call>{{'page': 3}}</tool_call>",
                    "user: <tool_response>\npage 3 is here ..\n</tool_response> Go on.",
                    "assistant: <think>T4</think><tool_call>{{'page': 4}}</tool_call>",
                    "user: <tool_response>\npage 4 is here ..\n</tool_response> Go on.",
                ],
            ),
        ],
    )
    .await;
    check(StripOldReasoning::default(), Manner::Stubborn, true, &[
        (4, &[
            "user: Q: Which page is the last?",
            "assistant: <tool_call>a1:{'page': 1}</tool_call><tool_call>b1:{'page': 0}</tool_call>",
            "tool: page 1 is here ..",
            "tool: page 0 is here .. Go on.",
            "assistant: <tool_call>a2:{'page': 2}</tool_call><tool_call>b2:{'page': 0}</tool_call>",
            "tool: page 2 is here ..",
            "tool: page 0 is here .. Go on.",
            "assistant: <think>T3</think><tool_call>a3:{'page': 3}</tool_call><tool_call>b3:{'page': 0}</tool_call>",
            "tool: page 3 is here ..",
            "tool: page 0 is here .. Go on.",
            "user: Circles.",
        ]),
    ])
    .await;
}

#[tokio::test]
async fn every_second_turn_everything_is_summarised() {
    check(ReSum { every: Some(2), ..ReSum::default() }, Manner::Summarising, false, &[
        (2, &[
            "user: Q: Which page is the last?",
            "assistant: <think>T1</think><tool_call>{{'page': 1}}</tool_call>",
            "user: <tool_response>\npage 1 is here ..\n</tool_response> Go on.",
        ]),
        (3, &[
            "user: Q: Which page is the last?\n\nYou have worked on this before. This is a summary of what you did and found; go on from there.\n<summary>\nup to page 2 all read\n</summary>",
        ]),
        (4, &[
            "user: Q: Which page is the last?\n\nYou have worked on this before. This is a summary of what you did and found; go on from there.\n<summary>\nup to page 2 all read\n</summary>",
            "assistant: <think>T3</think><tool_call>{{'page': 3}}</tool_call>",
            "user: <tool_response>\npage 3 is here ..\n</tool_response> Go on.",
        ]),
        (5, &[
            "user: Q: Which page is the last?\n\nYou have worked on this before. This is a summary of what you did and found; go on from there.\n<summary>\nup to page 4 all read\n</summary>",
        ]),
    ])
    .await;
    check(ReSum { every: Some(3), ..ReSum::default() }, Manner::Summarising, true, &[
        (4, &[
            "user: Q: Which page is the last?\n\nYou have worked on this before. This is a summary of what you did and found; go on from there.\n<summary>\nup to page 3 all read\n</summary>",
            "user: Circles.",
        ]),
    ])
    .await;
}

#[tokio::test]
async fn the_last_report_is_shown_with_the_last_action_and_what_it_gave() {
    check(
        Report::default(),
        Manner::Reporting,
        false,
        &[
            (
                2,
                &[
                    "user: Q: Which page is the last?\n\nYour report so far:\n<report>\nnothing yet\n</report>",
                    "assistant: <tool_call>{{'page': 1}}</tool_call>",
                    "user: <tool_response>\npage 1 is here ..\n</tool_response> Go on.",
                ],
            ),
            (
                3,
                &[
                    "user: Q: Which page is the last?\n\nYour report so far:\n<report>\npage 1 read\n</report>",
                    "assistant: <tool_call>{{'page': 2}}</tool_call>",
                    "user: <tool_response>\npage 2 is here ..\n</tool_response> Go on.",
                ],
            ),
            (
                5,
                &[
                    "user: Q: Which page is the last?\n\nYour report so far:\n<report>\npage 3 read\n</report>",
                    "assistant: <tool_call>{{'page': 4}}</tool_call>",
                    "user: <tool_response>\npage 4 is here ..\n</tool_response> Go on.",
                ],
            ),
        ],
    )
    .await;
    check(
        Report::default(),
        Manner::Reporting,
        true,
        &[(
            4,
            &[
                "user: Q: Which page is the last?\n\nYour report so far:\n<report>\npage 2 read\n</report>",
                "assistant: <tool_call>a3:{'page': 3}</tool_call><tool_call>b3:{'page': 0}</tool_call>",
                "tool: page 3 is here ..",
                "tool: page 0 is here .. Go on.",
                "user: Circles.",
            ],
        )],
    )
    .await;
    check(
        Report::default(),
        Manner::Stubborn,
        false,
        &[(
            3,
            &[
                "user: Q: Which page is the last?",
                "assistant: <think>T1</think><tool_call>{{'page': 1}}</tool_call>",
                "user: <tool_response>\npage 1 is here ..\n</tool_response> Go on.",
                "assistant: <think>T2</think><tool_call>{{'page': 2}}</tool_call>",
                "user: <tool_response>\npage 2 is here ..\n</tool_response> Go on.",
            ],
        )],
    )
    .await;
}

#[tokio::test]
async fn steps_are_folded_as_the_model_asks() {
    check(Fold::default(), Manner::Folding, false, &[
        (2, &[
            "user: Q: Which page is the last?",
            "assistant: <think>T1</think><tool_call>{{'page': 1}}</tool_call>",
            "user: <tool_response>\npage 1 is here ..\n</tool_response> Go on.",
        ]),
        (3, &[
            "user: Q: Which page is the last?",
            "user: [Step 1, folded]\npage 1 read",
            "assistant: <think>T2</think><compress>{'compress_range': [1], 'compress_text': 'page 1 read'}</compress><tool_call>{{'page': 2}}</tool_call>",
            "user: <tool_response>\npage 2 is here ..\n</tool_response> Go on.",
        ]),
        (4, &[
            "user: Q: Which page is the last?",
            "user: [Step 1, folded]\npage 1 read",
            "user: [Step 2, folded]\npage 2 read",
            "assistant: <think>T3</think><compress>{'compress_range': [2], 'compress_text': 'page 2 read'}</compress><tool_call>{{'page': 3}}</tool_call>",
            "user: <tool_response>\npage 3 is here ..\n</tool_response> Go on.",
        ]),
        (5, &[
            "user: Q: Which page is the last?",
            "user: [Steps 1 to 3, folded]\npage 3 read",
            "assistant: <think>T4</think><compress>{'compress_range': [1, 3], 'compress_text': 'page 3 read'}</compress><tool_call>{{'page': 4}}</tool_call>",
            "user: <tool_response>\npage 4 is here ..\n</tool_response> Go on.",
        ]),
    ])
    .await;
    check(Fold::default(), Manner::Folding, true, &[
        (4, &[
            "user: Q: Which page is the last?",
            "user: [Step 1, folded]\npage 1 read",
            "user: [Step 2, folded]\npage 2 read",
            "assistant: <think>T3</think><compress>{'compress_range': [2], 'compress_text': 'page 2 read'}</compress><tool_call>a3:{'page': 3}</tool_call><tool_call>b3:{'page': 0}</tool_call>",
            "tool: page 3 is here ..",
            "tool: page 0 is here .. Go on.",
            "user: Circles.",
        ]),
        (5, &[
            "user: Q: Which page is the last?",
            "user: [Steps 1 to 3, folded]\npage 3 read",
            "assistant: <think>T4</think><compress>{'compress_range': [1, 3], 'compress_text': 'page 3 read'}</compress><tool_call>a4:{'page': 4}</tool_call><tool_call>b4:{'page': 0}</tool_call>",
            "tool: page 4 is here ..",
            "tool: page 0 is here .. Go on.",
        ]),
    ])
    .await;
    check(Fold::default(), Manner::Wrong, false, &[
        (3, &[
            "user: Q: Which page is the last?",
            "assistant: <think>T1</think><compress>{'compress_range': [7, 9], 'compress_text': 'page 0 read'}</compress><tool_call>{{'page': 1}}</tool_call>",
            "user: <tool_response>\npage 1 is here ..\n</tool_response> Go on.",
            "user: Nothing was folded: Steps 7 to 9 cannot be folded together. What can be folded now: nothing.",
            "assistant: <think>T2</think><compress>{'compress_range': [7, 9], 'compress_text': 'page 1 read'}</compress><tool_call>{{'page': 2}}</tool_call>",
            "user: <tool_response>\npage 2 is here ..\n</tool_response> Go on.",
            "user: Nothing was folded: Steps 7 to 9 cannot be folded together. What can be folded now: Step 1.",
        ]),
    ])
    .await;
}

#[tokio::test]
async fn calls_and_what_they_gave_are_packed_into_one_message() {
    check(PackedMemory::default(), Manner::Stubborn, false, &[
        (2, &[
            "user: Q: Which page is the last?\n\nYou have worked on this before. These are the calls that you made and what they gave, the oldest first.\n\nlook {'page': 1}\npage 1 is here ..",
        ]),
        (3, &[
            "user: Q: Which page is the last?\n\nYou have worked on this before. These are the calls that you made and what they gave, the oldest first.\n\nlook {'page': 1}\npage 1 is here ..\n\nlook {'page': 2}\npage 2 is here ..",
        ]),
    ])
    .await;
    check(PackedMemory::default(), Manner::Stubborn, true, &[
        (4, &[
            "user: Q: Which page is the last?\n\nYou have worked on this before. These are the calls that you made and what they gave, the oldest first.\n\nlook {'page': 1}\npage 1 is here ..\n\nlook {'page': 0}\npage 0 is here .. Go on.\n\nlook {'page': 2}\npage 2 is here ..\n\nlook {'page': 0}\npage 0 is here .. Go on.\n\nlook {'page': 3}\npage 3 is here ..\n\nlook {'page': 0}\npage 0 is here .. Go on.",
            "user: Circles.",
        ]),
    ])
    .await;
}

#[tokio::test]
async fn the_whole_conversation_is_shown() {
    check(
        Full,
        Manner::Stubborn,
        false,
        &[(
            3,
            &[
                "user: Q: Which page is the last?",
                "assistant: <think>T1</think><tool_call>{{'page': 1}}</tool_call>",
                "user: <tool_response>\npage 1 is here ..\n</tool_response> Go on.",
                "assistant: <think>T2</think><tool_call>{{'page': 2}}</tool_call>",
                "user: <tool_response>\npage 2 is here ..\n</tool_response> Go on.",
            ],
        )],
    )
    .await;
}
