/**
 * What each command's help page says besides its arguments: a summary, what is worth knowing, and examples.
 * Paragraphs before the first heading open a page, the rest closes it. Promises made here are promises.
 */
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Span from "@effect/cli/HelpDoc/Span"

const list = (title: string, lines: ReadonlyArray<string>): HelpDoc.HelpDoc => {
  const [first, ...rest] = lines.map((line) => HelpDoc.p(line))
  return first === undefined
    ? HelpDoc.empty
    : HelpDoc.sequence(HelpDoc.h1(title), HelpDoc.enumeration([first, ...rest]))
}

const definitions = (title: string, entries: ReadonlyArray<readonly [string, string]>): HelpDoc.HelpDoc => {
  const [first, ...rest] = entries.map(([name, meaning]): [Span.Span, HelpDoc.HelpDoc] => [
    Span.text(name),
    HelpDoc.p(meaning)
  ])
  return first === undefined
    ? HelpDoc.empty
    : HelpDoc.sequence(HelpDoc.h1(title), HelpDoc.descriptionList([first, ...rest]))
}

const page = (summary: string, paragraphs: ReadonlyArray<string>, examples: ReadonlyArray<string>): HelpDoc.HelpDoc =>
  HelpDoc.blocks([HelpDoc.p(summary), ...paragraphs.map((text) => HelpDoc.p(text)), list("EXAMPLES", examples)])

export const root = HelpDoc.blocks([
  HelpDoc.p("Persistent JSON message pools in plain files."),
  HelpDoc.p(
    "Many processes append to a pool and read from it at once, without a daemon. A pool is a ring: it keeps the " +
      "newest messages and never grows."
  ),
  definitions("POOLS", [
    ["chat", "the file chat.plasmite in the pool directory"],
    ["./chat.plasmite", "a path (anything with a slash): used as it is"],
    [
      "http(s)://HOST:PORT/chat",
      "the pool on a server, for poke, peek, get and pool info; a port that is not given is 80 or 443, a server's usual one 9700"
    ],
    [
      "pool directory",
      "--dir PATH, else $PLASMITE_DIR, else ~/.plasmite/pools; made when a pool is created, never by reading"
    ]
  ]),
  definitions("ENVIRONMENT", [
    ["PLASMITE_DIR", "pool directory when --dir is absent"],
    ["PLASMITE_TOKEN", "bearer token for servers when --token and --token-file are absent"],
    ["NO_COLOR", "not empty: no colour, unless --color says otherwise"],
    ["PLASMITE_LOG", "what `serve` logs: error, warn, info (default) or debug"],
    ["PLASMITE_SERVE_READY_FILE", "file that `serve` writes its address to, once it listens"]
  ]),
  definitions("EXIT CODES", [
    ["0", "done"],
    ["1", "unexpected failure, or `poke --errors skip` dropped a record"],
    ["2", "bad arguments, input or filter"],
    ["3", "no such pool or message"],
    ["4", "exists already"],
    ["5", "busy"],
    ["6", "not permitted"],
    ["7", "damaged pool"],
    ["8", "file system or network failure"],
    ["9", "messages were overwritten before they were read"],
    ["124", "`peek --timeout` ran out"]
  ]),
  list("EXAMPLES", [
    `plasmite poke chat --create '{"from":"ana","msg":"hello"}'`,
    "plasmite peek chat --tail 10",
    "plasmite get chat 1",
    "plasmite pool list"
  ])
])

export const poke = page(
  "Append messages: one given as DATA, or one per record of a file or of stdin.",
  [
    "Each message is a JSON object. Without DATA and --file, stdin is read as a stream and every record is stored as " +
      "soon as it is complete. A receipt is printed for each stored message: the whole message under `poke`, without " +
      "its data under `feed`, one line of text on a terminal.",
    "With a server nothing is sent twice: when the connection is lost before an append is answered, it may be stored or not, and " +
      "that is the error. --retry is for servers that are busy, and for connections that did not come about. A record that has its " +
      "receipt is stored."
  ],
  [
    `plasmite poke chat '{"msg":"hello"}' --tag greeting`,
    `plasmite poke chat --create --create-size 8M '{"msg":"first"}'`,
    `plasmite poke https://host:9700/chat '{"msg":"hello"}' --token-file token.txt --tls-ca cert.pem`,
    "plasmite poke events --file events.jsonl --errors skip",
    "curl -N https://example.com/stream | plasmite poke events"
  ]
)

export const peek = page(
  "Stream messages as they arrive, optionally starting in the past.",
  [
    "Without --tail and --since only messages stored from now on are shown. --tag and --where decide what counts as a " +
      "message; all of them must hold. Prints until interrupted, or until --one, --timeout or --replay ends it.",
    "A filter is a jq expression over the whole message (.seq, .time, .meta.tags, .data) that must yield true or false. " +
      "As in jq, a missing field is null.",
    "A pool on a server is followed by number, so nothing falls between two requests. When the server goes away the exit status " +
      "is 8, unless --reconnect has the command come back; then what the pool no longer has is a notice.",
    "A cursor is kept beside the pool and moves once a message was printed: what a kill or a closed pipe cuts short is " +
      "printed again, and nothing is passed over. One reader of a name at a time."
  ],
  [
    "plasmite peek chat --tail 10",
    "plasmite peek chat --since 5m --jsonl",
    `plasmite peek ci --where '.data.status == "green"' --one --timeout 30s`,
    "plasmite peek chat --tail 100 --replay 2",
    "plasmite peek http://127.0.0.1:9700/chat --tail 10 --reconnect",
    "plasmite peek orders --cursor billing --jsonl"
  ]
)

export const get = page(
  "Print one message by its sequence number.",
  ["Pretty on a terminal, one line otherwise. A message that was overwritten or never written is an error (exit 3)."],
  ["plasmite get chat 42", "plasmite get chat 42 --data-only"]
)

export const pool = page(
  "Create, list, inspect and delete pools.",
  ["A pool is one file in the pool directory; copying and removing files works as well."],
  ["plasmite pool create chat --size 8M", "plasmite pool list"]
)

export const poolCreate = page(
  "Create pool files.",
  [
    "Names are handled in order and the first failure ends the call. An existing file is never touched (exit 4). The " +
      "pool directory is made if it is missing."
  ],
  ["plasmite pool create chat", "plasmite pool create --size 8M orders invoices"]
)

export const poolList = page(
  "List the pools of the pool directory, or of a server.",
  [
    "A damaged pool is an entry with an error; a missing directory is an empty list. The exit status is 0 in both cases."
  ],
  ["plasmite pool list", "plasmite pool list --dir ./pools --json", "plasmite pool list http://127.0.0.1:9700"]
)

export const poolInfo = page(
  "Show size, bounds and metrics of one pool.",
  [],
  ["plasmite pool info chat", "plasmite pool info chat --json"]
)

export const poolDelete = page(
  "Delete pool files, without asking.",
  [
    "Every name is tried; the exit status is that of the first failure. Programs that have a pool open keep working on " +
      "the removed file."
  ],
  ["plasmite pool delete chat", "plasmite pool delete orders invoices"]
)

export const poolForget = page(
  "Forget a cursor: whoever uses its name next starts anew.",
  [
    "Messages are not touched. Exit 3 if the pool has no such cursor, and the error names those it has; 5 while a consumer of " +
      "this machine uses it. See the cursors of a pool with `plasmite pool info POOL`."
  ],
  ["plasmite pool forget orders billing", "plasmite pool forget http://127.0.0.1:9700/orders billing"]
)

export const doctor = page(
  "Check the integrity of one pool, or of all pools of the directory; repair what is damaged.",
  [
    "Reads only, unless asked to repair; a healthy pool is never touched. Exit 0 if all are healthy at the end, 7 if any is " +
      "damaged, 3 if there is no such pool.",
    "A repair keeps every message that can be read. Damage between readable messages stays, and is reported, until the " +
      "ring has come round; --drop-damaged is for those who would rather lose what lies before it."
  ],
  ["plasmite doctor chat", "plasmite doctor --all", "plasmite doctor chat --repair"]
)

export const serve = page(
  "Serve the pools of the pool directory over HTTP.",
  [
    "Runs until SIGINT or SIGTERM, then ends its streams, answers what is under way and exits 0. Without options only this " +
      "machine can reach it. For other machines, `plasmite serve init` makes token, certificate and key, and shows the " +
      "commands; `plasmite serve [OPTIONS] check` says whether a start would be refused.",
    "SIGHUP reads the token file and the certificate anew, without losing a connection. Logs go to stderr."
  ],
  [
    "plasmite serve",
    "plasmite serve --bind 127.0.0.1:0 --access read-only",
    "plasmite serve --tls-self-signed --token-file token.txt"
  ]
)

export const serveInit = page(
  "Make token, certificate and key for a server that other machines can reach.",
  [
    "Writes three files or none, and shows the commands that use them. Token and key can be read by their owner only; the " +
      "token is not shown. Files that exist are left alone (exit 4) unless --force is given. Relative names are under " +
      "--output-dir."
  ],
  ["plasmite serve init --output-dir secrets", "plasmite serve init --bind 192.0.2.7:9700 --san pools.example.org"]
)

export const serveCheck = page(
  "Check the options of `serve` that stand before it, without starting anything.",
  ["Exit 0 if a start would be accepted; otherwise the same error and exit status as that of the start."],
  ["plasmite serve check", "plasmite serve --bind 0.0.0.0:9700 --allow-non-loopback --access read-only check --json"]
)

export const completion = page(
  "Print a completion script for a shell.",
  ["The script completes commands, options, values and pool names for both `plasmite` and `pls`."],
  [
    `eval "$(plasmite completion bash)"   # in ~/.bashrc`,
    `plasmite completion zsh > "\${fpath[1]}/_plasmite"`,
    "plasmite completion fish > ~/.config/fish/completions/plasmite.fish"
  ]
)

export const version = page(
  "Print the version.",
  [
    "On a terminal, one line of text: `plasmite X.Y.Z`. Into a pipe or a file, one JSON object: " +
      `{"name":"plasmite","version":"X.Y.Z"}. \`plasmite --version\` prints the text in both cases.`
  ],
  ["plasmite version", "plasmite version | jq -r .version"]
)

export const help = page(
  "Show help for the program or for one command.",
  ["`plasmite help CMD` prints the same page as `plasmite CMD --help`."],
  ["plasmite help", "plasmite help pool create"]
)
