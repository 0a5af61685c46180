import type * as z from "zod";

/** What is wrong with a value, to go after "…: ". Ranges are named, so that the sentence says what to do. */
export function problemOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "too_small":
      return issue.origin === "string" ? "it is empty" : `the smallest that is possible is ${issue.minimum}`;
    case "too_big":
      return issue.origin === "string"
        ? `it may have ${issue.maximum} characters at most`
        : `the largest that is possible is ${issue.maximum}`;
    case "invalid_type":
      return issue.expected === "int" ? "it takes a whole number" : `it takes a ${issue.expected}`;
    case "invalid_value":
      return `it takes ${issue.values.map(String).join(" or ")}`;
    case "unrecognized_keys":
      return `there is no ${issue.keys.join(", ")}`;
    default:
      return issue.message;
  }
}
