/** Whether Windows takes a name for a device, whatever its ending: `nul`, `COM1.txt`. No file can be called that. */
export function isDeviceName(name: string): boolean {
  return /^(con|prn|aux|nul|com[0-9]|lpt[0-9])\s*(\.|$)/i.test(name);
}
