/**
 * A number that JavaScript would take for an integer but whose spelling makes it a float: `1.0`, `1e2`, an integer
 * literal outside 64 bits. Only the exact parser makes these, and only the payload writer understands them.
 */
export class FloatLiteral {
  constructor(readonly value: number) {}
}
