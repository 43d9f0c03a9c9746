import { createPublicKey } from 'node:crypto';

/**
 * A key whose private half was thrown away. Signatures are held against it where the key that a token names is not there,
 * so that refusing a token takes as long for a tenant that there is not as for one that there is, and for a key that was
 * rotated away as for one that was not.
 */
export const nobodysKey = createPublicKey(`-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA3D9Vg61zQwcaLOHs+hbo
LziDaYR138sYeaQvThgbY98aDSG8pyje9R9SMj3IVVSATr0/erdhkD2Di4uGKM+u
FyMLC+VSV7JjQIjdzKn4mvnhBF2Ibq5V2ZwFnNJ/9V9YyggXjqVbziy6gQYvGwFz
VeuJtqfg3UWLN7+DE4GtzxTMzG/dFnVEQEchkiNwHw6GUXdH1n1dxxRcD8fMBGk+
VsJKNmtsXpHeG5Yn06W8diFf7W8RBHXQIw2nIQ23foFkU+ctMd2blBvSQLZs3fNj
w0jt4xaFtMmB1uZrmJ/IC1P9seEVUdVfV6oYWo//OJRy5RxD4p3RZ1YOWqlrDwtS
9QIDAQAB
-----END PUBLIC KEY-----
`);
