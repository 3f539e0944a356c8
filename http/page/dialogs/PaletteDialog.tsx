/**
 * Every action by name: type a part of it, choose with the arrows, run with Enter.
 */
import { useState } from "preact/hooks"
import { commands, type Command } from "../data/commands.js"
import { usePage } from "../data/Page.js"
import { useSignal } from "../data/Signal.js"
import { testIds } from "../testIds.js"
import { Dialog } from "./Dialog.js"

/** All words of the query, in any order. */
const matches = (title: string, query: string): boolean =>
  query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => title.toLowerCase().includes(word))

const mostShown = 60

export const PaletteDialog = () => {
  const page = usePage()
  const [query, setQuery] = useState("")
  const [at, setAt] = useState(0)
  // Pools may come to be known while it is open.
  useSignal(page.feed)
  const found = commands(page)
    .filter(({ title }) => matches(title, query))
    .slice(0, mostShown)
  const run = ({ run }: Command): void => {
    page.closeDialog()
    run()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown") setAt(Math.min(at + 1, found.length - 1))
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0))
    else if (event.key === "Enter" && found[at] !== undefined) run(found[at])
    else return
    event.preventDefault()
  }
  return (
    <Dialog title="All commands" onClose={() => page.closeDialog()} testId={testIds.palette} class="palette" isBare>
      <input
        class="input"
        placeholder="What do you want to do?"
        aria-label="Find a command"
        role="combobox"
        aria-expanded="true"
        aria-controls="commands"
        aria-activedescendant={`command-${at}`}
        autocomplete="off"
        spellcheck={false}
        value={query}
        onInput={({ currentTarget }) => {
          setQuery(currentTarget.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
      />
      <ul id="commands" role="listbox" aria-label="Commands">
        {found.map((command, index) => (
          <li
            key={command.title}
            id={`command-${index}`}
            role="option"
            class="menu-item"
            aria-selected={index === at}
            ref={(element) => {
              if (index === at) element?.scrollIntoView({ block: "nearest" })
            }}
            onClick={() => run(command)}
          >
            <span class="truncate">{command.title}</span>
            {command.keys === undefined ? null : <span class="muted">{command.keys}</span>}
          </li>
        ))}
        {found.length === 0 ? <li class="menu-item muted">Nothing by that name</li> : null}
      </ul>
    </Dialog>
  )
}
