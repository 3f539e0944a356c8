// The jq thread: no filter holds its reader up for long or harms another, and the thread is there only while needed.
import { assert, describe, it, layer } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { build } from "esbuild"
import { execFile } from "node:child_process"
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import * as JqMessageFilter from "../../layers/JqMessageFilter.js"
import type { StoredMessage } from "../../src/EncodedPool.js"
import { MessageFilter } from "../../src/MessageFilter.js"
import { stored } from "./stored.js"

const dataOf = (index: number): string => `{"n":${index},"s":"${"a".repeat(28)}"}`

const numbered = (count: number): ReadonlyArray<StoredMessage> =>
  Array.from({ length: count }, (_, index) => stored(dataOf(index)))

const compile = (...expressions: ReadonlyArray<string>) =>
  Effect.flatMap(MessageFilter, (filters) => filters.compile(expressions))

const endless = [
  "def f: f; f",
  "range(infinite) | empty",
  "[limit(1e9; repeat(1))] | length == 0",
  '.data.s + "!" | test("^(a+)+$") | not',
  "def f: 1 + f; f == 1",
  "(.data.s * 1e9 | length) == 1"
]

layer(JqMessageFilter.layerReference)("a filter that does not end", (it) => {
  it.scoped(
    "does not match, and the messages around it are judged",
    () =>
      Effect.gen(function* () {
        for (const expression of endless) {
          const filter = yield* compile(`if .data.n == 1 then ${expression} else true end`)
          const answer = yield* filter.matches(numbered(4))
          assert.deepStrictEqual(answer, { passed: [true, false, true, true] }, expression)
        }
      }),
    60_000
  )

  it.scoped("is found out again and again in one batch", () =>
    Effect.gen(function* () {
      const filter = yield* compile("if .data.n % 2 == 1 then (def f: f; f) else true end")
      const answer = yield* filter.matches(numbered(6))
      assert.deepStrictEqual(answer, { passed: [true, false, true, false, true, false] })
    })
  )

  it.scoped("is none if it only takes a while", () =>
    Effect.gen(function* () {
      const filter = yield* compile("[limit(200000; repeat(1))] | length == 200000")
      assert.deepStrictEqual(yield* filter.matches([stored("{}"), stored("{}")]), { passed: [true, true] })
    })
  )

  it.scoped("does not end the next one's batch", () =>
    Effect.gen(function* () {
      const hanging = yield* compile("def f: f; f")
      const good = yield* compile(".data.n == 1")
      const [hung, ...answers] = yield* Effect.all(
        [hanging.matches(numbered(1)), good.matches(numbered(3)), good.matches(numbered(2))],
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(hung, { passed: [false] })
      assert.deepStrictEqual(answers, [{ passed: [false, true, false] }, { passed: [false, true] }])
    })
  )

  it.scoped("gives the thread free when interrupted, also while it waits", () =>
    Effect.gen(function* () {
      const hanging = yield* compile("def f: f; f")
      const good = yield* compile(".data.n == 1")
      // Waiting for all of these to take too long would take minutes.
      const running = yield* Effect.fork(hanging.matches(numbered(1_000)))
      const waiting = yield* Effect.fork(good.matches(numbered(3)))
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 100)))
      yield* Fiber.interrupt(waiting)
      yield* Fiber.interrupt(running)
      assert.deepStrictEqual(yield* good.matches(numbered(2)), { passed: [false, true] })
    })
  )
})

layer(JqMessageFilter.layerReference)("filters that are used at once", (it) => {
  it.scoped("get no answer that was meant for another, interrupted at any moment", () =>
    Effect.gen(function* () {
      const all = yield* compile("true")
      const none = yield* compile("false")
      for (let millis = 0; millis < 20; millis += 2) {
        const running = yield* Effect.fork(all.matches(numbered(1_000)))
        yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, millis)))
        yield* Fiber.interrupt(running)
        assert.deepStrictEqual(yield* none.matches(numbered(2)), { passed: [false, false] })
      }
    })
  )

  it.scoped("do not mix up their answers", () =>
    Effect.gen(function* () {
      const filters = yield* Effect.forEach([0, 1, 2, 3], (rest) => compile(`.data.n % 4 == ${rest}`, ".data.n >= 4"))
      const messages = numbered(1_500)
      const rounds = Array.from({ length: 8 }, (_, round) => round % 4)
      const answers = yield* Effect.forEach(rounds, (rest) => filters[rest]!.matches(messages), {
        concurrency: "unbounded"
      })
      for (const [round, { passed }] of answers.entries()) {
        assert.deepStrictEqual(
          passed,
          messages.map((_, index) => index % 4 === rounds[round] && index >= 4)
        )
      }
    })
  )

  it.scoped("run their expressions in a jq that keeps nothing from the last", () =>
    Effect.gen(function* () {
      for (let round = 0; round < 60; round++) {
        const filter = yield* compile(`.data.n == ${round}`)
        assert.deepStrictEqual((yield* filter.matches(numbered(60))).passed.indexOf(true), round)
      }
    })
  )
})

const root = fileURLToPath(new URL("../..", import.meta.url))
const run = promisify(execFile)

const runNode = (...argv: ReadonlyArray<string>) =>
  Effect.promise(() => run(process.execPath, [...argv], { cwd: root, timeout: 20_000 }))

/** A program that says when threads start, and otherwise uses `layer` as it likes. */
const program = (
  modules: { readonly layer: string; readonly port: string; readonly codec: string },
  body: string,
  variant: "layer" | "layerReference"
): string => `
  import * as Effect from "effect/Effect"
  import * as JqMessageFilter from ${JSON.stringify(modules.layer)}
  import { MessageFilter } from ${JSON.stringify(modules.port)}
  import { encodeText } from ${JSON.stringify(modules.codec)}
  const stored = (data) => ({ seq: 1, timestampLow: 0, timestampHigh: 0, payload: encodeText(data, []) })
  process.on("worker", () => console.log("thread"))
  const main = Effect.gen(function* () {
    const filters = yield* MessageFilter
    ${body}
  })
  const told = main.pipe(Effect.catchAll(({ reason, message }) => Effect.sync(() => console.log(reason + ": " + message))))
  Effect.runPromise(Effect.scoped(told.pipe(Effect.provide(JqMessageFilter.${variant})))).then(() => console.log("done"))
`

const built = {
  layer: "./dist/layers/JqMessageFilter.js",
  port: "./dist/src/MessageFilter.js",
  codec: "./dist/src/internal/lite3/encodeText.js"
}
const sources = {
  layer: `${root}layers/JqMessageFilter.ts`,
  port: `${root}src/MessageFilter.ts`,
  codec: `${root}src/internal/lite3/encodeText.ts`
}

const runBuilt = (body: string, variant: "layer" | "layerReference" = "layerReference") =>
  runNode("--input-type=module", "--eval", program(built, body, variant))

describe("the thread", () => {
  it.effect("is not started before a filter has something to compile", () =>
    Effect.gen(function* () {
      const { stderr, stdout } = yield* runBuilt(`
        const filter = yield* filters.compile([])
        console.log((yield* filter.matches(["{}", "{}"].map(stored))).passed)
        console.log((yield* Effect.either(filters.compile(["(1"])))._tag)
      `)
      assert.deepStrictEqual([stdout, stderr], ["[ true, true ]\nLeft\ndone\n", ""])
    })
  )

  it.effect("is not started by filters that are wholly understood, until a message asks for it", () =>
    Effect.gen(function* () {
      const body = `
        const filter = yield* filters.compile([".data.a == 1", ".data.b != 2 # a comment"])
        console.log((yield* filter.matches(['{"a":1}', '{"a":2}', '{"a":1,"b":2}'].map(stored))).passed)
        const messages = ['{"a":1}', '{"a":9007199254740993}', '{"a":1,"b":9007199254740993}', '{}'].map(stored)
        console.log((yield* filter.matches(messages)).passed)
      `
      const { stderr, stdout } = yield* runBuilt(body, "layer")
      assert.deepStrictEqual(stdout.split("\n"), [
        "[ true, false, false ]",
        "thread",
        "[ true, false, true, false ]",
        "done",
        ""
      ])
      assert.strictEqual(stderr, "")
      // Wrong messages are told by jq, so they start it, too.
      const wrong = yield* runBuilt(`yield* filters.compile([".data.a == "])`, "layer")
      assert.match(wrong.stdout, /^thread\nUsage: the filter does not compile: syntax error/)
    })
  )

  it.effect("lets the process end by itself, used or hung, the layer closed or not, and prints nothing", () =>
    Effect.gen(function* () {
      const { stderr, stdout } = yield* runBuilt(`
        const filter = yield* filters.compile([".data.a == 1"])
        console.log((yield* filter.matches(['{"a":1}', '{"a":2}'].map(stored))).passed)
        const worse = yield* filters.compile(["if .data.a == 1 then (def f: f; f) else true end"])
        console.log((yield* worse.matches(['{"a":2}', '{"a":1}', '{"a":2}'].map(stored))).passed)
      `)
      assert.deepStrictEqual(stdout.split("\n"), [
        "thread",
        "[ true, false ]",
        // Two tries, each ended with its thread.
        "thread",
        "thread",
        "[ true, false, true ]",
        "done",
        ""
      ])
      assert.strictEqual(stderr, "")
      const open = yield* runBuilt(`
        const filter = yield* filters.compile([".data.a == 1"])
        console.log((yield* filter.matches(['{"a":1}'].map(stored))).passed)
        yield* Effect.async(() => {})
      `)
      assert.deepStrictEqual([open.stdout, open.stderr], ["thread\n[ true ]\n", ""])
    })
  )

  it.effect("keeps the process alive while a batch runs", () =>
    Effect.gen(function* () {
      const { stdout } = yield* runBuilt(`
        const filter = yield* filters.compile(["[limit(200000; repeat(1))] | length == 200000"])
        console.log((yield* filter.matches(["{}", "{}"].map(stored))).passed)
      `)
      assert.include(stdout, "[ true, true ]")
    })
  )

  it.effect("runs in a minified bundle beside its node_modules, and without them says so", () =>
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.promise(() => mkdtemp(`${root}dist/filter-bundle-`)),
        (folder) => Effect.promise(() => rm(folder, { recursive: true }))
      )
      const body = `
        const filter = yield* filters.compile(['.data.s | test("^a+$")', ".data.n > 0"])
        console.log((yield* filter.matches(${JSON.stringify([0, 1, 2].map(dataOf))}.map(stored))).passed)
      `
      yield* Effect.promise(() => writeFile(`${folder}/main.mjs`, program(sources, body, "layer")))
      yield* Effect.promise(() =>
        build({
          entryPoints: [`${folder}/main.mjs`],
          outfile: `${folder}/main.cjs`,
          bundle: true,
          platform: "node",
          target: "node20",
          format: "cjs",
          minify: true,
          external: ["jq-wasm"],
          banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
          define: { "import.meta.url": "importMetaUrl" }
        })
      )
      const { stderr, stdout } = yield* runNode(`${folder}/main.cjs`)
      assert.deepStrictEqual([stdout, stderr], ["thread\n[ false, true, true ]\ndone\n", ""])

      const elsewhere = yield* Effect.acquireRelease(
        Effect.promise(() => mkdtemp(join(tmpdir(), "filter-bundle-"))),
        (folder) => Effect.promise(() => rm(folder, { recursive: true }))
      )
      yield* Effect.promise(() => copyFile(`${folder}/main.cjs`, `${elsewhere}/main.cjs`))
      const without = yield* runNode(`${elsewhere}/main.cjs`)
      assert.deepStrictEqual(
        [without.stdout, without.stderr],
        ["Internal: the filter engine does not start\ndone\n", ""]
      )
    }).pipe(Effect.scoped)
  )

  it.effect("stops with the layer, and a filter cannot be used after it", () =>
    Effect.gen(function* () {
      const started: Array<{ readonly threadId: number }> = []
      const remember = (worker: { readonly threadId: number }): void => void started.push(worker)
      process.on("worker", remember)
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(JqMessageFilter.layerReference, scope)
      const filter = yield* compile(".data.n == 0").pipe(Effect.provide(context), Scope.extend(scope))
      assert.deepStrictEqual(yield* filter.matches(numbered(1)), { passed: [true] })
      assert.deepStrictEqual(
        started.map(({ threadId }) => threadId > 0),
        [true]
      )
      yield* Scope.close(scope, Exit.void)
      process.off("worker", remember)
      // A stopped thread has lost its number.
      assert.deepStrictEqual(
        started.map(({ threadId }) => threadId),
        [-1]
      )
      assert.isTrue(Exit.isFailure(yield* Effect.exit(filter.matches(numbered(1)))))
    })
  )

  it.effect("does not outlive a batch that is still running when the layer closes", () =>
    Effect.gen(function* () {
      const begun = yield* Deferred.make<void>()
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(JqMessageFilter.layerReference, scope)
      const filter = yield* compile("def f: f; f").pipe(Effect.provide(context), Scope.extend(scope))
      const running = yield* Effect.fork(
        Effect.zipRight(Deferred.succeed(begun, undefined), filter.matches(numbered(1_000)))
      )
      yield* Deferred.await(begun)
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 50)))
      yield* Scope.close(scope, Exit.void)
      assert.isTrue(Exit.isFailure(yield* Fiber.await(running)))
    })
  )
})
