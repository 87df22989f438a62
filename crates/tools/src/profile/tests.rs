//! What a profile may say.

use super::*;

#[test]
fn every_profile_that_is_shipped_can_be_read_and_written() {
    for name in Profile::shipped_names() {
        let profile = Profile::shipped(name).unwrap();
        assert_eq!(profile.name, name);
        assert_eq!(Profile::parse(&profile.to_string()).unwrap(), profile, "{name}");
    }
    assert_eq!(Profile::shipped("other"), None);
}

#[test]
fn offseeker_has_the_fields_that_its_models_know() {
    let profile = Profile::shipped("offseeker").unwrap();
    let fields: Vec<String> = profile
        .tools
        .iter()
        .map(|tool| {
            let parameters = &tool.spec.parameters;
            let types: Vec<String> = parameters["properties"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, schema)| format!("{name}: {}", schema["type"].as_str().unwrap()))
                .collect();
            assert_eq!(parameters["required"].as_array().unwrap().len(), types.len(), "all are required");
            format!("{}({})", tool.spec.name, types.join(", "))
        })
        .collect();
    let expected = [
        "search(query: array)",
        "search_wiki(entities: array)",
        "visit_urls(urls: array, query: string)",
        "execute_code(code: string)",
    ];
    assert_eq!(fields, expected);
}

#[test]
fn what_is_wrong_with_a_profile_is_said() {
    let wrong = |from: &str, to: &str, expected: &str| {
        let json = Profile::shipped("tongyi").unwrap().to_string();
        assert!(json.contains(from), "{from}");
        let error = Profile::parse(&json.replace(from, to)).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    wrong(
        "{position}. [{title}]",
        "{number}. [{title}]",
        "the tool search of the profile tongyi is wrong: item uses {number}",
    );
    wrong("{position}. [{title}]", "{position. [{title}]", "item uses {position. [{title}");
    wrong("found {count}", "found {count", "a brace is left open");
    wrong("\"queries\": \"query\"", "\"queries\": \"q\"", "its schema has no field \"q\" for queries");
    wrong("\"queries\": \"query\"", "\"query\": \"query\"", "its schema has no field \"queries\" for queries");
    wrong("\"urls\": \"url\"", "\"urls\": \"url\", \"depth\": \"depth\"", "it has no use for a field for \"depth\"");
    wrong("\"for\": \"visit\"", "\"for\": \"fly\"", "unknown variant `fly`");
    wrong("\"between_queries\"", "\"in_between\"", "unknown field `in_between`");
}

#[test]
fn tools_can_be_left_out() {
    let profile = Profile::shipped("offseeker").unwrap().without(&["execute_code", "search_wiki"]);
    let names: Vec<&str> = profile.tools.iter().map(|tool| tool.spec.name.as_str()).collect();
    assert_eq!(names, ["search", "visit_urls"]);
}

#[test]
fn the_profile_in_the_documentation_can_be_read() {
    let page = include_str!("../../../../docs/tools.md");
    let json = page.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(Profile::parse(json).unwrap().tools[0].field("queries"), "words");
}
