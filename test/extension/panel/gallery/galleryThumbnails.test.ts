import { expect, test, vi } from "vitest";
import {
  GalleryThumbnails,
  type Thumbnail,
} from "../../../../src/extension/panel/gallery/galleryThumbnails.ts";
import { LimnerError } from "../../../../src/protocol/limnerError.ts";

const thumbnail: Thumbnail = { mimeType: "image/webp", width: 1, height: 1, data: "AA==" };

/** Thumbnails whose host answers when it is told to. */
function slowThumbnails() {
  const asked: string[] = [];
  const told: (readonly [string, boolean])[] = [];
  const answers = new Map<string, (answer: Thumbnail | Error) => void>();
  const thumbnails = new GalleryThumbnails({
    fetch: (file) => {
      asked.push(file);
      return new Promise((resolve, reject) => {
        answers.set(file, (answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
      });
    },
    tell: ({ file }, found) => told.push([file, found !== undefined]),
  });
  const answer = async (file: string, with_: Thumbnail | Error = thumbnail) => {
    answers.get(file)?.(with_);
    await vi.waitFor(() => expect(told.map(([name]) => name)).toContain(file), 30_000);
  };
  const fail = (file: string) => answers.get(file)?.(new LimnerError("host-failed", "It has ended."));
  return { asked, told, thumbnails, answer, fail };
}

const images = (...names: number[]) => names.map((name) => ({ file: `/${name}.png`, modified: 1 }));
const files = (...names: number[]) => names.map((name) => `/${name}.png`);

test("six are fetched at a time, in the order of the view", async () => {
  const { asked, thumbnails, answer } = slowThumbnails();
  thumbnails.want(images(1, 2, 3, 4, 5, 6, 7, 8));
  expect(asked).toEqual(files(1, 2, 3, 4, 5, 6));
  await answer("/3.png");
  expect(asked).toEqual(files(1, 2, 3, 4, 5, 6, 7));
});

test("what is in view no more and has not begun is not fetched; what has begun is not fetched twice", async () => {
  const { asked, thumbnails, answer } = slowThumbnails();
  thumbnails.want(images(1, 2, 3, 4, 5, 6, 7, 8));
  thumbnails.want(images(6, 20, 21));
  await answer("/1.png");
  await answer("/2.png");
  await answer("/3.png");
  expect(asked).toEqual(files(1, 2, 3, 4, 5, 6, 20, 21));
});

test("a file that cannot be shown is told of without a picture, and holds up no other", async () => {
  const { asked, told, thumbnails, answer } = slowThumbnails();
  thumbnails.want(images(1, 2, 3, 4, 5, 6, 7));
  await answer("/1.png", new LimnerError("image-unreadable", "It is damaged."));
  expect(told).toEqual([["/1.png", false]]);
  expect(asked).toContain("/7.png");
});

test("a file is fetched again where it has changed meanwhile", async () => {
  const { asked, thumbnails } = slowThumbnails();
  thumbnails.want([{ file: "/1.png", modified: 1 }]);
  thumbnails.want([
    { file: "/1.png", modified: 1 },
    { file: "/1.png", modified: 2 },
  ]);
  expect(asked).toEqual(["/1.png", "/1.png"]);
});

test("nothing is said of a file where the host has failed", async () => {
  const { asked, told, thumbnails, fail } = slowThumbnails();
  thumbnails.want(images(1, 2, 3, 4, 5, 6, 7));
  fail("/1.png");
  await vi.waitFor(() => expect(asked).toContain("/7.png"), 30_000);
  expect(told).toEqual([]);
});
