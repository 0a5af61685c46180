import type { GenerateRequest } from "../../protocol/generateRequest.ts";
import type { GalleryAction } from "../../protocol/panel/gallery.ts";

/** The panel's name in `package.json` and in what VS Code keeps over a reload. */
export const panelType = "limner.panel";

/** What the rest of the extension may ask of the open panel. */
export interface OpenPanel {
  readonly isVisible: boolean;
  /** Brings it to the front. */
  reveal(): void;
  /** Fills the composer. */
  compose(composition: Composition): Promise<void>;
  /** Does something with an image of its gallery. @throws LimnerError */
  actOnImage(action: GalleryAction, file: string): Promise<void>;
  close(): void;
}

/** What the composer is filled with. What it does not name is as the model recommends. */
export interface Composition {
  readonly request: Partial<GenerateRequest>;
  /** The picture to begin with: an absolute path. */
  readonly source?: string;
  /** Whether a mask is to be painted on it. */
  readonly mask?: boolean;
}

/** Where the window's one panel is while it is open. */
export class PanelSlot {
  current: OpenPanel | undefined;

  dispose(): void {
    this.current?.close();
    this.current = undefined;
  }
}
