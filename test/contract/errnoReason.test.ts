/**
 * The table of the system's refusals: what each means, and that nothing else is taken for one.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Os from "node:os"
import { errnoError, errnoReason, systemError } from "../../layers/errnoReason.js"
import { PoolError } from "../../src/PoolError.js"

describe("errnoReason", () => {
  it("knows the refusals a pool meets", () => {
    const expected = {
      Permission: ["EACCES", "EPERM", "EROFS"],
      NotFound: ["ENOENT"],
      AlreadyExists: ["EEXIST"],
      Busy: ["EAGAIN"],
      Io: ["ENOSPC", "EDQUOT", "EFBIG", "ENOMEM", "EMFILE", "ENFILE", "EIO", "EISDIR", "ENOTDIR", "ELOOP"]
    }
    for (const [reason, codes] of Object.entries(expected)) {
      for (const code of codes) assert.strictEqual(errnoReason(code), reason, code)
    }
    assert.strictEqual(errnoReason("ECHRNG"), "Io")
  })

  it("makes one line with the path, the words, a hint and the cause", () => {
    const error = errnoError("create", "/pools/a.plasmite", Os.constants.errno.ENOSPC)
    assert.strictEqual(error.message, "cannot create /pools/a.plasmite: the disk is full")
    assert.strictEqual(error.path, "/pools/a.plasmite")
    assert.match(error.hint!, /Free some space/)
    assert.match(error.causes![0]!, /^ENOSPC \(errno \d+\)$/)
  })

  it("says what the system said when the table is silent", () => {
    const exception = Object.assign(new Error("EDOM: out of domain, read"), { code: "EDOM", errno: -33 })
    const error = systemError("read", "a", exception)
    assert.strictEqual(error.reason, "Io")
    assert.strictEqual(error.message, "cannot read a: EDOM: out of domain, read")
  })

  it("passes a PoolError, and throws what is no refusal", () => {
    const known = new PoolError({ reason: "Corrupt", message: "known" })
    assert.strictEqual(systemError("read", "a", known), known)
    const bug = new TypeError("bug")
    assert.throws(() => systemError("read", "a", bug), bug)
  })
})
