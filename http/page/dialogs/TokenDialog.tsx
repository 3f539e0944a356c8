/**
 * Asks for the token. The fields are those that password managers know; what was interrupted goes on when it is right.
 */
import { useRef, useState } from "preact/hooks"
import { usePage } from "../data/Page.js"
import { testIds } from "../testIds.js"
import { Dialog } from "./Dialog.js"

export const TokenDialog = ({ wasWrong }: { readonly wasWrong: boolean }) => {
  const { session } = usePage()
  const [token, setToken] = useState("")
  const [isShown, setShown] = useState(false)
  const [remember, setRemember] = useState(session.isRemembered)
  const [isTouched, setTouched] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const submit = (event: Event): void => {
    event.preventDefault()
    const given = token.trim()
    if (given === "") return field.current?.focus()
    setTouched(false)
    session.answer(given, remember)
  }
  const isWrong = wasWrong && !isTouched
  return (
    <Dialog title="Sign in" onClose={() => session.decline()} testId={testIds.tokenDialog}>
      <form class="content" onSubmit={submit}>
        <p class="muted">This server asks for a token. It was given to whoever started it.</p>
        <input type="text" name="username" autocomplete="username" value={location.host} readOnly hidden />
        <div class="field">
          <label for="token">Token</label>
          <div class="row-fields">
            <input
              ref={field}
              id="token"
              name="password"
              class="input mono"
              {...(isShown ? { type: "text" as const } : { type: "password" as const })}
              autocomplete="current-password"
              spellcheck={false}
              aria-invalid={isWrong}
              aria-describedby={isWrong ? "token-problem" : undefined}
              data-testid={testIds.tokenField}
              value={token}
              onInput={({ currentTarget }) => {
                setToken(currentTarget.value)
                setTouched(true)
              }}
            />
            <button type="button" class="button" aria-pressed={isShown} onClick={() => setShown(!isShown)}>
              {isShown ? "Hide" : "Show"}
            </button>
          </div>
          {isWrong ? (
            <span class="problem" id="token-problem" role="alert" data-testid={testIds.tokenProblem}>
              The server does not accept this token.
            </span>
          ) : null}
        </div>
        <label class="check">
          <input
            type="checkbox"
            checked={remember}
            data-testid={testIds.tokenRemember}
            onChange={({ currentTarget }) => setRemember(currentTarget.checked)}
          />
          Remember on this device
        </label>
        <div class="buttons">
          <button type="submit" class="button primary" data-testid={testIds.tokenSubmit}>
            Sign in
          </button>
        </div>
      </form>
    </Dialog>
  )
}
