// What may be published is checked before it is sent, and keys do what the table says.
import { assert, describe, it } from "vitest"
import { checkLines, checkPublish, formatForEditing, parseTags } from "../../http/page/logic/publishCheck.js"
import { keyLabel, noKeys, pressKey, shortcuts, type KeyPress } from "../../http/page/logic/keymap.js"

describe("publishing", () => {
  it("takes objects as they are typed", () => {
    assert.strictEqual(checkPublish(' {"b": 9007199254740993,\n"a":1.0} ').dataText, '{"b":9007199254740993,"a":1.0}')
  })

  it("refuses all else, with the place or the rule", () => {
    assert.strictEqual(checkPublish(" \n").problem?.kind, "empty")
    assert.deepInclude(checkPublish('{"a":\n oops}').problem, { kind: "syntax", line: 2, column: 2 })
    for (const [text, word] of [
      ["[1]", "an array"],
      ['"x"', "a string"],
      ["4", "a number"],
      ["true", "a boolean"],
      ["null", "null"]
    ] as const) {
      const { problem } = checkPublish(text)
      assert.strictEqual(problem?.kind, "notAnObject")
      assert.include(problem!.message, `This is ${word}.`)
      assert.include(problem!.message, "JSON object")
    }
    assert.include(checkPublish('{"x":[{"a":1,"a":2}]}').problem?.message, '"a" is there twice')
  })

  it("formats for editing", () => {
    assert.strictEqual(formatForEditing('{"a":[1.0]}').dataText, '{\n  "a": [\n    1.0\n  ]\n}')
    assert.strictEqual(formatForEditing("{").problem?.kind, "syntax")
  })

  it("reads pasted lines", () => {
    const text = '{"a":1}\r\n\n[2]\n{"b":}\n'
    assert.deepEqual(
      checkLines(text).map(({ check, line }) => [line, check.dataText ?? check.problem?.kind]),
      [
        [1, '{"a":1}'],
        [3, "notAnObject"],
        [4, "syntax"]
      ]
    )
    assert.deepEqual(parseTags(" a, b c ,,a\nd"), ["a", "b c", "d"])
  })
})

const key = (name: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key: name,
  ctrl: false,
  meta: false,
  alt: false,
  isTyping: false,
  isOnControl: false,
  ...more
})

describe("keys", () => {
  it("do what the table says, each of them", () => {
    for (const { action, keys } of shortcuts) {
      for (const sequence of keys) {
        let state = noKeys
        let done: string | undefined
        for (const name of sequence) {
          const press = name.startsWith("Mod+")
            ? key(name.slice(4), { ctrl: true })
            : name.startsWith("Shift+")
              ? key(name.slice(6), { shift: true })
              : key(name)
          const next = pressKey(state, press, 1_000)
          state = next.state
          done = next.action
        }
        assert.strictEqual(done, action)
      }
    }
    const all = shortcuts.flatMap(({ keys }) => keys.map((sequence) => sequence.join(" ")))
    assert.strictEqual(new Set(all).size, all.length)
  })

  it("wait a second for the second of two", () => {
    const first = pressKey(noKeys, key("g"), 0)
    assert.isUndefined(first.action)
    assert.strictEqual(pressKey(first.state, key("g"), 900).action, "oldest")
    assert.isUndefined(pressKey(first.state, key("g"), 1_100).action)
    assert.strictEqual(pressKey(first.state, key("j"), 500).action, "nextMessage")
  })

  it("are off while typing, on controls where they have a meaning, and when disabled", () => {
    assert.isUndefined(pressKey(noKeys, key("j", { isTyping: true }), 0).action)
    assert.strictEqual(pressKey(noKeys, key("Escape", { isTyping: true }), 0).action, "closeDetail")
    assert.strictEqual(pressKey(noKeys, key("K", { isTyping: true, meta: true }), 0).action, "palette")
    assert.isUndefined(pressKey(noKeys, key(" ", { isOnControl: true }), 0).action)
    assert.strictEqual(pressKey(noKeys, key("j", { isOnControl: true }), 0).action, "nextMessage")
    assert.isUndefined(pressKey(noKeys, key("j"), 0, false).action)
    assert.strictEqual(pressKey(noKeys, key("k", { ctrl: true }), 0, false).action, "palette")
    assert.isUndefined(pressKey(noKeys, key("j", { alt: true }), 0).action)
    assert.isUndefined(pressKey(noKeys, key("c", { ctrl: true }), 0).action)
  })

  it("are named as on the keyboard", () => {
    assert.deepEqual(
      [keyLabel(" ", false), keyLabel("Mod+k", false), keyLabel("Mod+k", true), keyLabel("?", false)],
      ["Space", "Ctrl K", "⌘ K", "?"]
    )
  })
})
