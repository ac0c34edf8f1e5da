# The course for Windows and for Macs with Apple silicon: MXNet 1.9.1 is there for Linux on x86_64.
#
#     docker build --tag transfer-learning .
#     docker run --rm -it -p 127.0.0.1:8888:8888 -v transfer-learning-my:/course/my transfer-learning
#
# The learner's copies, my/, are a volume: they stay when the image is built again.
FROM --platform=linux/amd64 python:3.11-slim-bookworm AS system
RUN apt-get update && \
    apt-get install --yes --no-install-recommends git libgomp1 libquadmath0 make && \
    rm -rf /var/lib/apt/lists/* && \
    useradd --create-home --uid 1000 learner && \
    mkdir /course && \
    chown learner /course
USER 1000
WORKDIR /course

FROM system AS course
COPY --chown=learner . .
RUN sh .setup.sh python -m d2lhelpers doctor && \
    rm -rf "$HOME/.cache" && \
    mkdir my
VOLUME /course/my
EXPOSE 8888
CMD ["make", "lab", "LAB=--ip=0.0.0.0"]
