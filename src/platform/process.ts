/** Whether a process is there. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process cannot be signaled, but it is there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
