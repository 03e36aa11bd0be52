"""Reads a JSON Schema from the first line and a document from each other; says of each whether it is valid, and why not."""

import json
import sys

import jsonschema

schema = json.loads(sys.stdin.readline())
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
for line in sys.stdin:
    error = jsonschema.exceptions.best_match(validator.iter_errors(json.loads(line)))
    print("valid" if error is None else "/".join(map(str, error.absolute_path)) + ": " + error.message.replace("\n", " ")[:300])
