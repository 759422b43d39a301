// The panels of a meeting, of which one at a time is open beside the pictures.

export type Panel = "people" | "answers" | "device";
