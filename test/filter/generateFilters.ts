/**
 * Filters written from the grammar of the fast part, with a little that is beyond it, over what the generated messages
 * hold.
 */
import * as fc from "effect/FastCheck"
import { jsonOf, keys, names, oneOf, plainNumbers, texts } from "./generateMessages.js"

/** A jq string literal, with some characters escaped for no reason. */
const quoted = (text: string, escaped: boolean): string =>
  escaped
    ? `"${[...text].map((unit) => (unit.length === 1 && unit !== "\0" ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}` : unit)).join("")}"`
    : JSON.stringify(text)

const stringLiteral = fc
  .tuple(oneOf(...texts.filter((text) => !text.includes("\0"))), fc.nat(9))
  .map(([text, die]) => quoted(text, die === 0))

/** The second list is beyond the fast part. */
const mostly = (usual: ReadonlyArray<string>, rest: ReadonlyArray<string>) =>
  fc.oneof({ weight: 30, arbitrary: oneOf(...usual) }, { weight: 1, arbitrary: oneOf(...rest) })

const patternLiteral = mostly(
  [
    "a",
    "b",
    "error",
    "Error|no",
    "^a",
    "b$",
    "^a|b$",
    "^a.*b$",
    "^.*$",
    "a.*",
    ".*a.*",
    "a.*a",
    "^a$",
    "\\\\.",
    "é",
    "^É$",
    "\\u212a",
    "k",
    "x",
    "a\\nb"
  ],
  ["[ab]", "\\\\d", "a+", "(a|b)", "a|", "", "a.b", "(", "^^a", "a$b"]
).map((pattern) => `"${pattern}"`)

const numberLiteral = mostly(
  plainNumbers.filter((number) => !number.startsWith("-")),
  ["9007199254740993", "1e1000", "0.1000000000000000055", "007", "1.", ".5", "1E+2", "1e-20"]
)

const gaps = oneOf("", "", "", " ", "  ", "\n")

const binary = (left: fc.Arbitrary<string>, operators: ReadonlyArray<string>, right: fc.Arbitrary<string>) =>
  fc
    .tuple(left, gaps, oneOf(...operators), gaps, right)
    // Words need a blank; `-` after a blank or a bracket is still `-`.
    .map(([one, before, operator, after, other]) =>
      /[a-z]/.test(operator) ? `${one} ${operator} ${other}` : `${one}${before}${operator}${after}${other}`
    )

type Grammar = {
  readonly path: string
  readonly term: string
  readonly call: string
  readonly expression: string
  readonly condition: string
  readonly pipe: string
}

const step = fc.oneof(
  { weight: 6, arbitrary: oneOf(...names).map((name) => `.${name}`) },
  { weight: 1, arbitrary: oneOf(...keys).map((key) => `.${JSON.stringify(key)}`) },
  { weight: 1, arbitrary: oneOf(...keys).map((key) => `[${JSON.stringify(key)}]`) },
  { weight: 1, arbitrary: mostly(["[0]", "[1]", "[-1]", "[ -2 ]", ".[0]", "[2.0]"], ["[1.5]", "[1:]", "[-1:2]"]) },
  { weight: 1, arbitrary: oneOf("[]", ".[]", "[ ]") }
)
const optional = mostly(["", "", "", "", "?", " ?"], ["??"])
const roots = oneOf(
  ".data",
  ".data",
  ".data",
  ".data",
  ".data",
  ".meta.tags",
  ".meta",
  ".seq",
  ".time",
  ".other",
  ".",
  ". ",
  '.["data"]'
)

const grammar = fc.letrec<Grammar>((tie) => ({
  path: fc.oneof(
    {
      weight: 8,
      arbitrary: fc
        .tuple(roots, fc.array(fc.tuple(step, optional), { maxLength: 3 }))
        .map(
          ([root, steps]) =>
            `${/^\. ?$/.test(root) && steps[0]?.[0].startsWith(".") ? "" : root}${steps.flat().join("")}`
        )
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(step, optional)
        .map(([one, question]) => `${one.startsWith(".") ? one : `.${one}`}${question}`)
    },
    {
      weight: 1,
      arbitrary: fc.tuple(tie("pipe"), step, optional).map(([inner, one, question]) => `(${inner})${one}${question}`)
    }
  ),
  term: fc.oneof(
    { depthSize: "small" },
    { weight: 8, arbitrary: tie("path") },
    { weight: 2, arbitrary: stringLiteral },
    { weight: 2, arbitrary: numberLiteral },
    { weight: 1, arbitrary: oneOf("null", "true", "false", "empty", "[]", "{}") },
    {
      weight: 1,
      arbitrary: fc.tuple(tie("pipe"), oneOf("", "", "?")).map(([inner, question]) => `(${inner})${question}`)
    },
    { weight: 1, arbitrary: tie("pipe").map((inner) => `[${inner}]`) },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.tuple(oneOf(...names, '"a"', '"é"', "and"), tie("term")), { maxLength: 2 })
        .map((members) => `{${members.map(([key, value]) => `${key}: ${value}`).join(", ")}}`)
    },
    { weight: 1, arbitrary: tie("term").map((inner) => `-${inner}`) },
    { weight: 3, arbitrary: tie("call") },
    // A function of the message itself rarely finds what it is for.
    { weight: 4, arbitrary: fc.tuple(tie("path"), tie("call")).map(([path, call]) => `(${path} | ${call})`) }
  ),
  call: fc.oneof(
    { depthSize: "small" },
    {
      weight: 4,
      arbitrary: mostly(
        [
          ..."not length type ascii_downcase ascii_upcase any all first last values nulls booleans".split(" "),
          ..."numbers strings arrays objects iterables scalars".split(" ")
        ],
        ["keys", "tostring", "floor", "add"]
      )
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(oneOf(..."has contains inside startswith endswith select any all first map IN".split(" ")), tie("pipe"))
        .map(([name, argument]) => `${name}(${argument})`)
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(oneOf("any", "all"), tie("pipe"), tie("pipe"))
        .map(([name, one, other]) => `${name}(${one}; ${other})`)
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(patternLiteral, mostly(["", "", '; "i"', "; null", '; ""'], ['; "x"', '; "gx"']))
        .map(([pattern, flags]) => `test(${pattern}${flags})`)
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          oneOf("has", "contains", "startswith", "endswith", "inside"),
          fc.oneof(stringLiteral, jsonOf(oneOf(...plainNumbers)))
        )
        .map(([name, literal]) => `${name}(${literal})`)
    }
  ),
  expression: fc.oneof(
    { depthSize: "small" },
    { weight: 6, arbitrary: tie("term") },
    { weight: 1, arbitrary: binary(tie("expression"), ["+", "-", "*", "/", "%"], tie("term")) },
    { weight: 1, arbitrary: binary(tie("term"), ["+", "-", "*", "/", "%"], tie("expression")) },
    { weight: 1, arbitrary: binary(tie("expression"), ["//"], tie("expression")) }
  ),
  condition: fc.oneof(
    { depthSize: "small" },
    { weight: 6, arbitrary: binary(tie("expression"), ["==", "!=", "<", "<=", ">", ">="], tie("expression")) },
    {
      weight: 2,
      arbitrary: binary(tie("path"), ["==", "!=", "<", "<=", ">", ">="], fc.oneof(stringLiteral, numberLiteral))
    },
    { weight: 2, arbitrary: binary(tie("condition"), ["and", "or"], tie("condition")) },
    { weight: 1, arbitrary: tie("condition").map((inner) => `(${inner} | not)`) },
    { weight: 1, arbitrary: tie("term") }
  ),
  pipe: fc.oneof(
    { depthSize: "small" },
    { weight: 6, arbitrary: tie("expression") },
    { weight: 4, arbitrary: tie("condition") },
    { weight: 2, arbitrary: binary(tie("expression"), ["|"], tie("pipe")) },
    { weight: 1, arbitrary: binary(tie("expression"), [","], tie("condition")) }
  )
}))

/** Mostly what people write to choose messages, but anything that can be written. */
export const filters: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: grammar.condition },
  { weight: 1, arbitrary: grammar.pipe }
)
