// What a page does beside what it does without this: nothing here is needed to do any work.
"use strict";
