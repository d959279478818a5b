//! Policies that mean harm, or are merely wrong. Every one is a refusal in words.

/// A rule that would be fine, so that what is wrong is the rest.
const FINE: &str = "deny contains v if { input.actor; v := {\"msg\": \"m\"} }\n";

/// What finds something when the condition holds.
fn when(condition: &str) -> String {
    format!("deny contains v if {{ {condition}; v := {{\"msg\": \"m\"}} }}\n")
}

/// A chain of rules, each made of the one before twice.
fn doubled(first: &str, step: impl Fn(usize) -> String, times: usize) -> String {
    let mut rules = format!("s0 := {first}\n");
    for at in 1..=times {
        rules.push_str(&format!("s{at} := {}\n", step(at - 1)));
    }
    rules
}

/// Bodies of a rule, each with words of which one is in what is said.
pub(crate) fn bodies() -> Vec<(String, &'static str)> {
    // Some take all the time or memory there is: `.ci/run` tries all of those, `cargo test` a few.
    let step = if cfg!(feature = "broad") { 1 } else { 4 };
    let (costly, mut all): (Vec<_>, Vec<_>) =
        endless().into_iter().chain(large()).partition(|(_, said)| said.contains("time limit"));
    all.extend(costly.into_iter().step_by(step));
    all.extend(forbidden());
    all.extend(shapes());
    all.extend(texts());
    all
}

/// What would never end.
fn endless() -> Vec<(String, &'static str)> {
    let range = "numbers.range(1, 5000)";
    let each = |name: &str| format!("some {name} in {range}");
    let [a, b, c] = ["a", "b", "c"].map(each);
    let over = "ended with|time limit|time is up|timer|no answer within";
    vec![
        (format!("{FINE}f(x) := f(x + 1)"), "`guardrails.own.f` uses itself"),
        (format!("{FINE}f(x) := g(x)\ng(x) := f(x)"), "uses itself"),
        (format!("{FINE}f(x) := g(x)\ng(x) := h(x)\nh(x) := f(x)"), "uses itself"),
        (format!("{FINE}r := s\ns := r"), "uses itself"),
        (format!("{FINE}r := s\ns if not r"), "uses itself"),
        (format!("{FINE}r := {{x | some x in r}}"), "uses itself"),
        (format!("{FINE}r if {{ every x in [1] {{ x == r }} }}"), "uses itself"),
        (format!("{FINE}r := x if {{ x := data.guardrails.own.r with input as {{}} }}"), "itself"),
        (format!("{FINE}r := x if {{ some k; x := data[k] }}"), "uses itself"),
        (format!("{FINE}default r := false\nr if {{ input.actor }} else := r"), "uses itself"),
        (when("some i in numbers.range(1, 1000000000); i < 0"), over),
        (when("some i in numbers.range_step(1, 1000000000, 1); i < 0"), over),
        (when(&format!("{a}; {b}; {c}; a + b + c < 0")), over),
        (when(&format!("every a in {range} {{ every b in {range} {{ a + b > 0 }} }}")), over),
        (when(&format!("count({{x | {a}; {b}; x := a * 5000 + b}}) == 0")), over),
        (when(&format!("count([[a, b] | {a}; {b}]) == 0")), over),
        (
            when(&format!(
                "count({{k: v | {a}; {b}; k := sprintf(\"%d.%d\", [a, b]); v := a}}) == 0"
            )),
            over,
        ),
        (when(&format!("{a}; {b}; not a == b; a + b < 0; count(sort({range})) == 0")), over),
        (when(&format!("{a}; {b}; walk({{\"x\": [a, b]}}, [p, q]); q == p")), over),
        (
            when(&format!("{a}; {b}; regex.match(sprintf(\"(a|%d)*c\", [a * b]), \"aaaaaaaa\")")),
            over,
        ),
        (when(&format!("{a}; {b}; glob.match(\"*.x\", [], sprintf(\"%d.y\", [a * b]))")), over),
        (when(&format!("{a}; {b}; print(a, b); a + b < 0")), over),
        (
            when(&format!(
                "g := {{x: ys | some x in {range}; ys := {range}}}; some n in {range}; \
                        count(graph.reachable(g, {{n}})) == 0"
            )),
            over,
        ),
    ]
}

/// What would fill the memory.
fn large() -> Vec<(String, &'static str)> {
    let text = format!("\"{}\"", "a".repeat(900));
    let over = "ended with|time limit|no answer within|could not be evaluated|timer";
    let grow = |first: &str, step: fn(usize) -> String, times| {
        when(&format!("count(s{times}) == 0")) + &doubled(first, step, times)
    };
    vec![
        (grow(&text, |n| format!("replace(s{n}, \"a\", s{n})"), 4), over),
        (grow(&text, |n| format!("concat(\"\", [s{n}, s{n}])"), 40), over),
        (grow(&text, |n| format!("sprintf(\"%v%v\", [s{n}, s{n}])"), 40), over),
        (grow("[1]", |n| format!("array.concat(s{n}, s{n})"), 40), over),
        (grow("[1]", |n| format!("[x | some x in array.concat(s{n}, s{n})]"), 40), over),
        (grow(&text, |n| format!("base64.encode(concat(\"\", [s{n}, s{n}]))"), 40), over),
        (grow(&text, |n| format!("json.marshal([s{n}, s{n}])"), 40), over),
        (when("s40 < 0") + &doubled("99999999999999999999", |n| format!("s{n} * s{n}"), 40), over),
        (when("count(numbers.range(1, 400000000)) == 0"), over),
        (
            when(
                "count(split(concat(\",\", [sprintf(\"%d\", [x]) | some x in numbers.range(1, 90000000)]), \",\")) == 0",
            ),
            over,
        ),
        (when("regex.match(`(\\w{1,900}){1,900}`, \"a\")"), "could not be evaluated"),
        (when("regex.match(`((a{1,100}){1,100}){1,100}`, \"a\")"), "could not be evaluated"),
        (when("regex.match(`(`, \"a\")"), "could not be evaluated"),
        (when(&format!("regex.match(`{}`, \"a\")", "(".repeat(400))), "own/rule.rego|evaluated"),
    ]
}

/// What a guardrail must not do.
fn forbidden() -> Vec<(String, &'static str)> {
    vec![
        (when("http.send({\"url\": \"http://127.0.0.1\"}).ok"), "`http.send` has no place"),
        (when("net.lookup_ip_addr(\"localhost\")"), "has no place"),
        (when("opa.runtime().env"), "has no place"),
        (when("rand.intn(\"a\", 5) == 1"), "must be judged alike"),
        (when("uuid.rfc4122(\"a\") == \"\""), "has no place"),
        (when("time.now_ns() > 0"), "use `input.nowNs`"),
        (when("rego.metadata.rule().title"), "has no place"),
        (when("nothere(1)"), "no function `nothere`"),
        (when("crypto.sha256(\"a\") == \"\""), "no function `crypto.sha256`"),
        (when("io.jwt.decode(\"a\")"), "no function"),
        (when("data.guardrails.nothere.x"), "nothing defines"),
        (when("data.settings.nothere"), "nothing defines"),
        (when("input.actor with time.now_ns as 1"), "`with` replaces"),
        (format!("{FINE}x if {{ false; http.send({{}}) }}"), "has no place"),
    ]
}

/// Decisions that are none.
fn shapes() -> Vec<(String, &'static str)> {
    let says = |value: &str| format!("deny contains v if {{ v := {value} }}");
    vec![
        ("deny := input.actor".to_owned(), "not a set of findings"),
        ("deny := {\"msg\": \"m\"}".to_owned(), "not a set of findings"),
        ("deny := true".to_owned(), "not a set of findings"),
        ("deny(x) := x".to_owned(), "not a set of findings"),
        ("deny[k] := v if some k, v in input".to_owned(), "not a set of findings"),
        ("default deny := false".to_owned(), "not a set of findings"),
        ("deny contains \"text\" if true".to_owned(), "it is a string"),
        (says("1"), "it is a number"),
        (says("null"), "it is null"),
        (says("[\"m\"]"), "it is an array"),
        (says("{\"message\": \"m\"}"), "no `msg`"),
        (says("{\"msg\": 1}"), "must be a string"),
        (says("{\"msg\": \"  \"}"), "`msg` is empty"),
        (says("{\"msg\": \"m\", \"id\": \"other\"}"), "its `id` is `other`"),
        (says("{\"msg\": \"m\", \"addresses\": \"user/a\"}"), "`addresses`"),
        (says("{\"msg\": \"m\", \"addresses\": [1]}"), "addresses"),
        (says("{\"msg\": \"m\", \"_loc\": \"here\"}"), "_loc"),
        (says("{\"msg\": \"m\", \"remedy\": 1}"), "must be a string"),
        ("deny contains x.a if some x in input.changes".to_owned(), "head of a partial rule"),
        ("deny contains {\"msg\": x.a} if some x in input.changes".to_owned(), "head of a partial"),
        ("denyAll contains v if { v := {\"msg\": \"m\"} }".to_owned(), "called like a rule"),
        ("Warn contains v if { v := {\"msg\": \"m\"} }".to_owned(), "called like a rule"),
        (when("x == 1") + "x := 1\nx := 2", "could not be evaluated"),
        (
            when("o.k == 1") + "o[k] := v if { some v in [1, 2]; k := \"k\" }",
            "could not be evaluated",
        ),
        (when("count(input.changes[0].kind + 1) == 0"), "could not be evaluated|judged: no"),
        (when("upper(1) == \"\""), "could not be evaluated"),
        (when("json.unmarshal(\"{\")"), "could not be evaluated"),
        (when("to_number(\"x\") == 1"), "could not be evaluated"),
        (when("time.parse_rfc3339_ns(\"\") > 0"), "could not be evaluated"),
    ]
}

/// Texts that are hardly Rego.
fn texts() -> Vec<(String, &'static str)> {
    vec![
        (format!("{FINE}x := {}1{}", "[".repeat(30), "]".repeat(30)), "brackets nest"),
        (format!("{FINE}x := {}1{}", "{\"a\": ".repeat(30), "}".repeat(30)), "brackets nest"),
        (format!("{FINE}x := \"{}\"", "a".repeat(2_000)), "own/rule.rego"),
        (format!("{FINE}{}", "# x\n".repeat(400_000)), "own/rule.rego"),
        (format!("{FINE}{}", "# 10 megabytes\n".repeat(700_000)), "own/rule.rego"),
        (format!("{FINE}x := "), "own/rule.rego"),
        (format!("{FINE}x := \"never closed"), "own/rule.rego"),
        (format!("{FINE}x := \u{0}"), "own/rule.rego"),
        (format!("{FINE}deny[msg] {{ msg := \"v0\" }}"), "own/rule.rego"),
        (format!("{FINE}package guardrails.other"), "own/rule.rego"),
    ]
}
