/** Filters one has to think about, and the messages at which they are told apart. */
import type { StoredMessage } from "../../src/EncodedPool.js"
import { stored } from "./stored.js"

/** Where types, precisions, orders and encodings meet. */
const values = [
  "null",
  "false",
  "true",
  "0",
  "-1",
  "1",
  "1.0",
  "1.5",
  "-0.0",
  "9007199254740992",
  "9007199254740993",
  "1e300",
  '""',
  '"a"',
  '"ab"',
  '"\\uE000"',
  '"\\uD83D\\uDE00"',
  '"a\\u0000b"',
  '"b\\na"',
  "[]",
  "[1,null]",
  '["ab",["b"]]',
  "{}",
  '{"a":1}',
  '{"b":0,"10":1,"9":2}'
]

/** Each value with each. */
export const valuePairs: ReadonlyArray<StoredMessage> = values.flatMap((left) =>
  values.map((right) => stored(`{"x":${left},"y":${right}}`, ["ab", "c"]))
)

const comparisons = ["==", "!=", "<", "<=", ">", ">="]
const operators = [...comparisons, "+", "-", "*", "/", "%", "//", "and", "or"]
const literals = ["null", "true", "false", "0", "1", "1.0", "-1", "1e2", '""', '"a"', '"ab"', '"\\ue000"', '"😀"']
const oneArgument = ["has", "contains", "inside", "startswith", "endswith"]
const noArgument =
  "not length type ascii_downcase ascii_upcase any all first last values nulls booleans numbers strings arrays objects iterables scalars".split(
    " "
  )
// As jq reads them, after the escapes of its strings.
const patterns = ["a", "^a", "a$", "^ab$", "^a.*b$", "^.*$", ".*", "b.*a", "a.*a", "^a|b$", "\\.", "a\\|b", "\u{1F600}"]

export const tricky: ReadonlyArray<string> = [
  ...operators.flatMap((operator) => [`.data.x ${operator} .data.y`, `.data | .x ${operator} .y`]),
  ...comparisons.flatMap((operator) =>
    literals.flatMap((literal) => [`.data.x ${operator} ${literal}`, `${literal} ${operator} .data.x`])
  ),
  ...oneArgument.flatMap((name) => [
    ...["1", '"a"', '"x"', "null", "true", '["b"]', "{a: 1}"].map((argument) => `.data.x | ${name}(${argument})`),
    `[.data] | [.[0] | ${name}(.x)]`,
    `.data.x | ${name}("a", "b")`
  ]),
  ...noArgument.flatMap((name) => [`.data.x | ${name}`, `[.data.y[]?] | ${name}`, name]),
  ...patterns
    .map((pattern) => JSON.stringify(pattern))
    .flatMap((pattern) => [`.data.x | test(${pattern})`, `.data.x | test(${pattern}; null)`]),
  ...patterns.slice(0, -1).map((pattern) => `.data.x | test(${JSON.stringify(pattern.toUpperCase())}; "i")`),

  // Several outputs, none, and their order.
  "[(1, 2) + (10, 20)], [(1, 2) == (1, 2)], [(true, false) and (true, false)], [(true, false) or (true, false)]",
  "[true and empty], [empty and true], [false and empty], [true or empty], [empty // 1], [(false, null) // (1, 2)]",
  "[(1, null, 2) // 3], [(null, false) // 3, 4], [1 // empty], [null // empty], [false // false]",
  "[(.data.x, .data.y)[0]?], [(.data | .x, .y)?], [.data[] | .a?]",
  "1, .data.x.a, 2",
  'true, (.data.x | startswith("a"))',
  "first(.data.x[]?, .data.y), [first(empty)], first(1, .data.x.a)",
  "any(.data[]; . == 1), all(.data[]; . == 1), any(true, .data.x.a; .), all(false, .data.x.a; .)",
  "any(.data.x, .data.y; ., 1), all(.data.x, .data.y; 1, .), any(empty; true), all(empty; false)",
  "[.data[] | select(., not)], [select(.data.x, .data.y) | 1], [.data[] | select(empty)]",
  '.data.x | IN(1, "a", null, [], 1.0)',
  ".data | IN(.x, .y), map(. == 1)",

  // Errors: where they stop, and where they do not.
  ".data.x.a.b?, .data.x.a?, .data.x.a?.b",
  "[(.data.x.a.b)?], [.data.x[0]?], [.data.x[]?], [.data.x[]?[]?], [.data.x.a??], [(1, .data.x.a, 2)?], [.data.x?[0]?]",
  '[(.data.x | (1, startswith("a"), 2))?], ((.data.x)? | length)',
  ".data.x.a // 1",
  "(.data.x.a)? // 1",
  ".data.x / 0, 1",
  "5 % .data.x",
  ".data.x % 2, -5 % 3, 5 % -3, 5.9 % 2.1, 1e15 % 7",
  "(.data.x | -.)?, -.data.y",

  // Precedence.
  "1 + 2 * 3 - 4 / 2 % 3, (1 + 2) * 3, 2 - 1 - 1, 8 / 2 / 2",
  "1 == 1 and 2 == 2 or 3 == 4, true or true and false, false and false or true",
  "1 // 2 == 2, null // 1 + 1, null // false or true, 1 // 2 // 3, null // null // 3",
  "1, 2 | . + 1, 3",
  "-1 + 2, -1 * -2, 1 - -1, 1 -1, 1-1, -(1), - .seq * 2",
  ".data.x|length?,1",

  // Paths in every spelling.
  '.data["x"], .data."x", .data.["x"], ."data"."x", .["data"]["x"], . "data" . "x", .data .x, (. | .data | .x)',
  ".meta, .meta.tags, .meta.tags[0], .meta.tags[-1], .meta.tags[9], .meta.none, .none.none, [.[0]?, .meta.tags.none?]",
  '.seq, .time, [.seq.a?, .time[0]?], ., (.seq | . + 1), [.[] | type], length, has("seq", "none")',
  '[.data."10", .data.x["9"]?, .data.y.["10"]?, .data.y[]?, (.data.y | length?), [.data][0].x]',
  '.and, .data.or, .data.not, .if, {and: 1, if: 2, "a b": .seq, not: -1}',

  // Text.
  '"\\u0061\\t\\n\\/\\"\\\\", "é" == "\\u00e9", ("\\ud83d\\ude00" | length), ("é\\ud83d\\ude00" | length)',
  '"\\uffff" < "\\ud83d\\ude00", ["\\ud83d\\ude00"] < ["\\uffff"], {"\\ud83d\\ude00": 1} < {"\\uffff": 1}',
  '("ÀA" | ascii_downcase), ("àa" | ascii_upcase), ("I" | ascii_downcase)',

  // Structures.
  "[.data.x, .data.y] == [.data.y, .data.x], {a: .data.x} == {a: .data.y}, {a: .data.x, b: 1} < {b: 0, a: .data.y}",
  "[[.data.x], .data.y] < [[.data.y], .data.x], [] < [[]], {} < {a: 1}, {b: 1} < {a: 2, c: 3}",
  '{a: 1, a: 2}, {"a": [1, {b: null}]}, [[], {}], [1, [2, 3]] == [1, [2, 3.0]]',
  ".data | contains({x: 1}), contains({}), [(.x | contains([]))?]",
  '.meta.tags | contains(["a"]), contains(["ab", "c"]), contains([]), inside(["ab", "c", "d"])'
]

/** Left to jq, valid or not. */
export const beyond: ReadonlyArray<string> = [
  "",
  "1 == 1 == 1",
  ".a?//1",
  ". a",
  ".a . b",
  "..",
  ".[1:2]",
  ".[1.5]",
  ".[.seq]",
  "$x",
  ".a = 1",
  ".a |= 1",
  ".a += 1",
  ".a //= 1",
  "if . then 1 end",
  "try .a",
  "reduce . as $x (0; 1)",
  "def f: 1; f",
  "@json",
  '"a\\(1)"',
  '"\\x"',
  '"\\ud800"',
  '"a\u0001"',
  '"\\u0000"',
  '.["\\u0000"]',
  "\u00a01",
  "1a",
  "1.2.3",
  "1 2",
  "007",
  "1.",
  ".5",
  "9007199254740993",
  "1e400",
  "0.1000000000000000055",
  "1e-20",
  "error",
  "input",
  "env",
  "now",
  "length(1)",
  "has",
  "a::b",
  "and",
  ".a and",
  "not(1)",
  "(1",
  "1)",
  "[1",
  "{a}",
  "{a: 1 | 2}",
  "{(1): 2}",
  "{a: 1,}",
  ",1",
  "1 |",
  "-true",
  '-"a"',
  "--1",
  "true.a",
  '"a".b',
  "1?",
  ".a??.b",
  "# a\n1",
  ...["[a]", "a+", "", "a|", "(a)", "a.b", "\\d", "\\b", "a{2}", "a?", "^^a", "a$b", "(?i)a"].map(
    (pattern) => `test(${JSON.stringify(pattern)})`
  ),
  'test("a"; "x")',
  'test("é"; "i")',
  "test(.a)",
  'test("a"; "i"; 1)',
  'test(["a", "i"])',
  `${"(".repeat(70)}1${")".repeat(70)}`,
  `${"1//".repeat(70)}1`,
  `1${"+1".repeat(600)}`
]
