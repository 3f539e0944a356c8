/**
 * Text to the clipboard, and text to a file. A page that is not served securely has no clipboard of the newer kind, so an
 * older way is tried.
 */
import type { Page } from "../data/Page.js"

export const copyText = async (page: Page, text: string, what: string): Promise<void> => {
  try {
    if (navigator.clipboard !== undefined) await navigator.clipboard.writeText(text)
    else copyBySelection(text)
    page.say(`${what} copied`)
  } catch {
    page.say("The browser did not allow copying.", "failure")
  }
}

const copyBySelection = (text: string): void => {
  const field = document.createElement("textarea")
  field.value = text
  document.body.append(field)
  field.select()
  document.execCommand("copy")
  field.remove()
}

export const saveText = (name: string, mediaType: string, text: string): void => {
  const url = URL.createObjectURL(new Blob([text], { type: mediaType }))
  const link = document.createElement("a")
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
