/**
 * Keys to actions, for the whole document. Off while typing, within dialogs, and when the reader has switched them off.
 */
import { useEffect } from "preact/hooks"
import { noKeys, pressKey } from "../logic/keymap.js"
import { runKey } from "./actions.js"
import type { Page } from "./Page.js"

/** Inputs that take no text leave letters to us. */
const textless = new Set(["checkbox", "radio", "range", "button"])

const isTextField = (element: Element): boolean =>
  (element instanceof HTMLInputElement && !textless.has(element.type)) ||
  element instanceof HTMLTextAreaElement ||
  element instanceof HTMLSelectElement

const isControl = (element: Element): boolean =>
  element.closest("button, a, input, select, textarea, summary, [role=tree], [role=slider]") !== null

export const useShortcuts = (page: Page): void => {
  useEffect(() => {
    let state = noKeys
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return
      const { target } = event
      if (!(target instanceof Element)) return
      // A tree and a slider have arrows of their own.
      if (event.key.startsWith("Arrow") && target.closest("[role=tree], [type=range], [role=slider]") !== null) return
      const isDialogOpen = page.dialog.value !== "none" || page.session.question.value !== undefined
      if (isDialogOpen && event.key !== "Escape") return
      const { action, state: next } = pressKey(
        state,
        {
          key: event.key,
          ctrl: event.ctrlKey,
          meta: event.metaKey,
          alt: event.altKey,
          shift: event.shiftKey,
          isTyping: isTextField(target),
          isOnControl: isControl(target)
        },
        Date.now(),
        page.preferences.value.shortcuts
      )
      state = next
      if (action === undefined) return
      if (action === "closeDetail" && isTextField(target) && target instanceof HTMLElement && !isDialogOpen) {
        target.blur()
        event.preventDefault()
        return
      }
      if (runKey(page, action)) event.preventDefault()
    }
    document.addEventListener("keydown", onKeyDown)
    return () => document.removeEventListener("keydown", onKeyDown)
  }, [page])
}
