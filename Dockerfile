FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1

WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY extractors extractors
COPY workers workers
COPY web web
# PaddleX asks for opencv-contrib-python, which needs libGL and writes over the files of the headless
# twin; installing the twin once more settles which of the two is there.
RUN pip install '.[s3]' \
 && pip install --force-reinstall --no-deps opencv-python-headless==4.10.0.84 \
 && rm -rf /src/*

RUN useradd --create-home nianbao && mkdir /files && chown nianbao /files
USER nianbao
WORKDIR /home/nianbao
EXPOSE 8000
CMD ["nianbao", "web"]
