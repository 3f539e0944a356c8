/**
 * Makes a certificate and its key: X.509 version 3, ECDSA P-256, signed by itself, for one server and no authority. Other
 * programs trust it by its file; some verifiers refuse a server's certificate that says it is an authority, so it must not.
 * The one file that loads the certificate package: it is large, and needed seldom.
 */
import "reflect-metadata"
import * as x509 from "@peculiar/x509"
import { createPrivateKey, randomBytes, webcrypto } from "node:crypto"
import { isIP } from "node:net"

export interface MadeCertificate {
  /** PEM. */
  readonly cert: string
  /** PEM, PKCS #8. */
  readonly key: string
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const
const dayMillis = 24 * 3600 * 1000
/** Longer is refused by some platforms. */
const validDays = 825
const serialBytes = 16

/** `names` are DNS names and IP addresses, which clients will look for. */
export const makeCertificate = async (names: ReadonlyArray<string>, now: Date): Promise<MadeCertificate> => {
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair
  const start = now.getTime() - dayMillis
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: randomBytes(serialBytes).toString("hex"),
      name: "CN=plasmite",
      // A clock that is behind shall not refuse a fresh certificate.
      notBefore: new Date(start),
      notAfter: new Date(start + validDays * dayMillis),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          names.map((value) => ({ type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const), value }))
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto)
      ]
    },
    webcrypto
  )
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey))
  return {
    cert: `${certificate.toString("pem")}\n`,
    key: createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" })
      .export({ format: "pem", type: "pkcs8" })
      .toString()
  }
}
