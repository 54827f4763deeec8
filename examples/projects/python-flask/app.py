"""A small web application: counts the words of a text."""

import collections
import os

from flask import Flask, jsonify, request

app = Flask(__name__)


@app.post("/count")
def count():
    words = request.get_data(as_text=True).lower().split()
    return jsonify(collections.Counter(words))


@app.get("/healthz")
def healthz():
    return "", 204


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", "8000")))
