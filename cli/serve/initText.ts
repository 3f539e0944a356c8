/**
 * What `serve init` has made and how it is used, for people and for programs. The token is in its file only.
 */
import * as path from "node:path"
import { visible } from "../output/human.js"
import { commandName } from "../usageText.js"
import {
  brokenLines,
  type Call,
  createCall,
  curlReadCall,
  curlWriteCall,
  oneLine,
  readCall,
  type ServerAccess,
  shellWord,
  writeCall
} from "./sampleCalls.js"
import { aligned } from "./startText.js"

export interface InitReport {
  readonly files: { readonly token: string; readonly cert: string; readonly key: string }
  readonly directory: string
  /** Files were there before. */
  readonly replaced: boolean
  readonly fingerprint: string
  /** BIND as typed. */
  readonly bind: string
  /** The address for other machines. */
  readonly baseUrl: string
  /** The pool directory, where it was given. */
  readonly dir: string | undefined
}

const serverCall = ({ bind, dir, files }: InitReport): Call => [
  [commandName(["serve"])],
  ["--bind", shellWord(bind)],
  ["--allow-non-loopback"],
  ["--token-file", shellWord(files.token)],
  ["--tls-cert", shellWord(files.cert)],
  ["--tls-key", shellWord(files.key)],
  ...(dir === undefined ? [] : [["--dir", shellWord(dir)]])
]

const clientAccess = ({ baseUrl, files }: InitReport): ServerAccess => ({
  baseUrl,
  access: "read-write",
  token: { file: files.token },
  ca: files.cert
})

export const initJson = (report: InitReport): string => {
  const server = clientAccess(report)
  const serve = oneLine(serverCall(report))
  const curl = [oneLine(curlWriteCall(server)), oneLine(curlReadCall(server))]
  return JSON.stringify({
    init: {
      artifact_paths: { token_file: report.files.token, tls_cert: report.files.cert, tls_key: report.files.key },
      tls_fingerprint: report.fingerprint,
      server_commands: [serve, oneLine(createCall(report.dir))],
      client_commands: [oneLine(writeCall(server)), oneLine(readCall(server))],
      curl_client_commands: curl,
      next_commands: [serve, ...curl]
    }
  })
}

export const initText = (report: InitReport): string => {
  const server = clientAccess(report)
  const { cert, key, token } = report.files
  const together = [token, cert, key].every((file) => path.dirname(file) === report.directory)
  const shown = (file: string): string => (together ? path.basename(file) : file)
  const sample = (title: string, ...calls: ReadonlyArray<Call>): ReadonlyArray<string> => [
    "",
    title,
    ...calls.flatMap((call, index) => [...(index === 0 ? [] : [""]), ...brokenLines(call, "  ")])
  ]
  return [
    report.replaced ? "Secure serving is set up again, with new files." : "Secure serving is set up.",
    "",
    ...(together ? [`Output directory: ${visible(report.directory)}`] : []),
    report.replaced ? "Files overwritten:" : "Files created:",
    ...aligned([
      ["token", shown(token)],
      ["certificate", shown(cert)],
      ["key", shown(key)]
    ]),
    `Fingerprint: ${report.fingerprint}`,
    ...sample("Serve, and create a pool to try it:", serverCall(report), createCall(report.dir)),
    ...sample(
      "Write and read from another machine, with copies of token and certificate:",
      writeCall(server),
      readCall(server)
    ),
    ...sample("With curl:", curlWriteCall(server)),
    "",
    "The token is in its file and not shown here. Give it and the fingerprint to those",
    "who may use the server by another channel than the server itself."
  ].join("\n")
}
