// Loaded before the program (`node --require`): the process dies by SIGKILL at its nth write to standard output, before the
// bytes are out or just after. DIE_AT=before:3
"use strict"
const fs = require("node:fs")

const [when, nth] = process.env.DIE_AT.split(":")
const writeSync = fs.writeSync
let writes = 0

const die = () => {
  process.kill(process.pid, "SIGKILL")
  for (;;);
}

fs.writeSync = (descriptor, ...rest) => {
  const isLast = descriptor === 1 && ++writes === Number(nth)
  if (isLast && when === "before") die()
  const written = writeSync(descriptor, ...rest)
  if (isLast) die()
  return written
}
