const express = require("express");
const semver = require("semver");

const app = express();
console.log("express", typeof app.listen, "semver", semver.inc("1.2.3", "minor"));
