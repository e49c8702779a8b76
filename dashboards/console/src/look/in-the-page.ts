/**
 * Where questions and lists open. At the body itself they would lock its scrolling by a style without the answer's number,
 * which is refused; outside of what fills the screen nobody would see them.
 */
export const inThePage = (): HTMLElement =>
  (document.fullscreenElement as HTMLElement | null) ?? document.getElementById('root') ?? document.body;
