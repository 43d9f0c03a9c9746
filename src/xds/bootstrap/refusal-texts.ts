/* The reference's words, by which people find their way out. */

/** Where there is neither a token nor a file with one. */
export const tokenRequired =
  "Dataplane Token is required. Generate token using 'kumactl generate dataplane-token > /path/file' and provide it via " +
  '--dataplane-token-file=/path/file argument to Kuma DP';

/** Where the certificate to trust says that it is no authority. */
export const noAuthority =
  'A data plane proxy is trying to verify the control plane using the certificate which is not a certificate authority ' +
  "(basic constraint 'CA' is set to 'false').\n" +
  "Provide CA that was used to sign a certificate used in the control plane by using 'kuma-dp run --ca-cert-file=file' " +
  'or via KUMA_CONTROL_PLANE_CA_CERT_FILE';

/** Where the certificate was not made for the host that the proxy calls. */
export function wrongHost(host: string, names: readonly string[]): string {
  const list = names.map((name) => JSON.stringify(name)).join(' ');
  return (
    `A data plane proxy is trying to connect to the control plane using ${JSON.stringify(host)} address, but the ` +
    `certificate in the control plane has the following SANs [${list}]. ` +
    'Either change the --cp-address in kuma-dp to one of those or execute the following steps:\n' +
    '1) Generate a new certificate with the address you are trying to use. It is recommended to use trusted Certificate ' +
    "Authority, but you can also generate self-signed certificates using 'kumactl generate tls-certificate " +
    `--type=server --hostname=${host}'\n` +
    '2) Set KUMA_GENERAL_TLS_CERT_FILE and KUMA_GENERAL_TLS_KEY_FILE or the equivalent in Kuma CP config file to the new ' +
    'certificate.\n' +
    '3) Restart the control plane to read the new certificate and start kuma-dp.'
  );
}
