import { deflateRawSync } from 'node:zlib';

/** The CRC-32 of every byte, by the polynomial that APPNOTE.TXT 4.4.7 names. */
const remainders = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    value = (value & 1) === 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return value;
});

function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value = (remainders[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
  }
  return (value ^ 0xffffffff) >>> 0;
}

const deflated = 8;
const version = 20;
/** 1 January 1980, the earliest that an archive can tell: equal contents are to be equal archives. */
const date = 0x0021;
const unix = 3 << 8;
/** A regular file that everybody may read, for Lambda runs as another user than who packs. */
const attributes = (0o100644 << 16) >>> 0;
const utf8 = 1 << 11;

/**
 * Packs files into a ZIP archive (PKWARE's APPNOTE.TXT 6.3) in the order of their names: the same bytes for the same files, so that
 * a deployment tells by the archive whether a function has changed.
 *
 * @param files by path, with `/`; less than 65,536 of them and 4 GiB
 */
export function zip(files: ReadonlyMap<string, Uint8Array>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [path, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const name = Buffer.from(path);
    const data = deflateRawSync(content, { level: 9 });
    // What both headers have: from the version that is needed to the length of the extra field.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(version, 0);
    common.writeUInt16LE(utf8, 2);
    common.writeUInt16LE(deflated, 4);
    common.writeUInt16LE(date, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const entry = Buffer.alloc(46);
    entry.write('PK\u0001\u0002', 'latin1');
    entry.writeUInt16LE(unix | version, 4);
    common.copy(entry, 6);
    entry.writeUInt32LE(attributes, 38);
    entry.writeUInt32LE(offset, 42);
    directory.push(entry, name);
    const local = [Buffer.from('PK\u0003\u0004', 'latin1'), common, name, data];
    parts.push(...local);
    offset += local.reduce((sum, { length }) => sum + length, 0);
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(files.size, 8);
  end.writeUInt16LE(files.size, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}
