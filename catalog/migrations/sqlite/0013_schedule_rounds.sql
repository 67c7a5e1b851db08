-- A month has a round for each check of its policy, and a step of the schedule says which it is about.

-- Name of the round that the step was about, whether or not it was frozen then; NULL: the whole month (reminders,
-- notices that went unanswered, the return), and every step that was recorded before this column.
ALTER TABLE schedule_step ADD COLUMN round TEXT CHECK (round <> '');
