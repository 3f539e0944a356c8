/**
 * `serve` is a command and a group at once: what stands before `init` and `check`, what they take, and what is refused.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { findCommand } from "../../cli/grammar.js"
import { complaint, outcomeOf, printed, program } from "./recordedCall.js"

const words = (line: string): ReadonlyArray<string> => line.split(" ")

const ran = (line: string) =>
  Effect.map(outcomeOf(words(line)), (outcome) => {
    if (outcome._tag !== "Ran") throw new Error(`${line}: ${JSON.stringify(outcome)}`)
    return outcome
  })

describe("serve", () => {
  it.effect("runs without anything", () =>
    Effect.gen(function* () {
      const { arguments: given, handler } = yield* ran("serve")
      assert.strictEqual(handler, "serve")
      assert.deepInclude(given, {
        bind: undefined,
        access: "read-write",
        corsOrigins: [],
        sans: [],
        maxPools: undefined
      })
    })
  )

  it.effect("takes every option, repeatable ones in order", () =>
    Effect.gen(function* () {
      const { arguments: given } = yield* ran(
        "--dir D serve --bind [::1]:0 --access=read-only --cors-origin http://a --cors-origin http://b --allow-host h " +
          "--token-file t --tls-cert c --tls-key k --tls-cert-out o --san s --san r --allow-non-loopback --insecure-no-tls " +
          "--max-body-bytes 1 --max-tail-timeout-ms 2 --max-tail-concurrency 3 --max-pool-bytes 4 --max-pools 5 " +
          "--no-server-where --tls-self-signed"
      )
      assert.deepInclude(given, {
        dir: "D",
        bind: "[::1]:0",
        access: "read-only",
        corsOrigins: ["http://a", "http://b"],
        allowHosts: ["h"],
        token: undefined,
        tokenFile: "t",
        tlsCert: "c",
        tlsKey: "k",
        tlsCertOut: "o",
        sans: ["s", "r"],
        allowNonLoopback: true,
        insecureNoTls: true,
        tlsSelfSigned: true,
        maxBodyBytes: 1,
        maxTailTimeoutMillis: 2,
        maxTailConcurrency: 3,
        maxPoolBytes: 4,
        maxPools: 5,
        noServerWhere: true
      })
    })
  )

  it.effect("options before check count for it, those of init are its own", () =>
    Effect.gen(function* () {
      const check = yield* ran("serve --bind nope --max-pools 7 check --json")
      assert.strictEqual(check.handler, "serveCheck")
      assert.deepInclude(check.arguments, { bind: "nope", maxPools: 7, json: true })
      const init = yield* ran("serve init --bind 1.2.3.4:5 --output-dir O --force --dir D")
      assert.strictEqual(init.handler, "serveInit")
      assert.deepInclude(init.arguments, { bind: "1.2.3.4:5", outputDir: "O", force: true, dir: "D" })
      assert.notProperty(init.arguments, "access")
    })
  )

  it.effect("values that look like its commands are values", () =>
    Effect.gen(function* () {
      const { arguments: given, handler } = yield* ran("serve --token init --allow-host check")
      assert.strictEqual(handler, "serve")
      assert.deepInclude(given, { token: "init", allowHosts: ["check"] })
    })
  )

  describe("112: each of its options before init is refused, by name", () => {
    const own = findCommand(program.table, ["serve", "init"])!.options.map(({ long }) => long)
    for (const { kind, long } of findCommand(program.table, ["serve"])!.options) {
      it.effect(long, () =>
        Effect.gen(function* () {
          const value = kind._tag === "Choice" ? kind.choices[0]! : "1"
          const before = kind._tag === "Flag" ? [long] : [long, value]
          for (const behind of [[], own.includes(long) && kind._tag !== "Flag" ? [long, value] : ["--force"]]) {
            const { hint, message } = complaint(yield* outcomeOf(["serve", ...before, "init", ...behind]))
            assert.include(message, long)
            assert.include(hint, `${own.includes(long) ? "Move" : "Remove"} ${long}`)
          }
        })
      )
    }
  })

  it.effect("an option behind check is shown its place", () =>
    Effect.gen(function* () {
      const { hint, message } = complaint(yield* outcomeOf(words("serve check --bind 127.0.0.1:0")))
      assert.match(message, /unexpected argument "--bind"/)
      assert.include(hint, "before `check`")
    })
  )

  it.effect("refuses words, misspellings and doubles", () =>
    Effect.gen(function* () {
      for (const [line, message, hint] of [
        ["serve chek", /unknown command "chek"/, /did you mean `check`/],
        ["serve check extra", /unexpected argument "extra"/, /serve check --help/],
        ["serve --bnd x", /unexpected argument "--bnd"/, /did you mean `--bind`/],
        ["serve --bind a --bind b", /more than once/, /serve --help/],
        ["serve --bind", /needs a value/, /serve --help/],
        ["serve --access all", /invalid value "all"/, /serve --help/],
        ["serve --max-pools x", /invalid value "x"/, /serve --help/],
        ["serve check --json --no-json", /cannot be combined/, /serve check --help/]
      ] as const) {
        const error = complaint(yield* outcomeOf(words(line)))
        assert.match(error.message, message, line)
        assert.match(error.hint, hint, line)
      }
    })
  )

  it.effect("help is shown whatever stands around it", () =>
    Effect.gen(function* () {
      for (const [line, usage] of [
        ["serve --help", "plasmite serve [OPTIONS] [COMMAND]"],
        ["serve --bogus --help", "plasmite serve [OPTIONS] [COMMAND]"],
        ["serve --bind x init --help", "plasmite serve init [OPTIONS]"],
        ["help serve check", "plasmite serve check [OPTIONS]"]
      ] as const) {
        assert.include(printed(yield* outcomeOf(words(line))).text, `Usage: ${usage}\n`, line)
      }
    })
  )
})
