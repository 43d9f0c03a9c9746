const unix = /^\/[^\0]*$/;
const windows = /^[a-zA-Z]:\\(?:[^\\/:*?"<>|\r\n]+\\)*[^\\/:*?"<>|\r\n]*$/;

/** The longest path behind a drive of Windows, in octets. */
const maxWindowsLength = 32_767;

/** Whether the text is an absolute path of a file, of Unix or of Windows. */
export function isFilePath(text: string): boolean {
  return windows.test(text) ? Buffer.byteLength(text.slice(3)) <= maxWindowsLength : unix.test(text);
}
