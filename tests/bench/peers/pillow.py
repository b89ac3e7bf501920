"""Pillow. The argument says how: "naive" decodes all pixels, "draft" lets libjpeg leave most of them out."""

import io
import json
import os
import resource
import sys
import time

from PIL import Image, ImageOps

BOX = (150, 150)
# libjpeg decodes at the smallest of its scales that is no smaller than this: twice the box, for the filter.
DRAFT = (300, 300)


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def make(path, draft):
    with open(path, "rb") as file:
        image = Image.open(io.BytesIO(file.read()))
    if draft:
        image.draft("RGB", DRAFT)
    output = io.BytesIO()
    ImageOps.fit(image, BOX, Image.Resampling.LANCZOS).save(output, "JPEG", quality=80)
    return output.getvalue()


answers = os.fdopen(3, "w", buffering=1)
for line in sys.stdin:
    request = json.loads(line)
    before, start = cpu(), time.perf_counter()
    output = make(request["path"], sys.argv[1] == "draft")
    taken = {"cpu": 1000 * (cpu() - before), "wall": 1000 * (time.perf_counter() - start)}
    if "keep" in request:
        with open(request["keep"] + "-0", "wb") as file:
            file.write(output)
    print(json.dumps(taken), file=answers)
