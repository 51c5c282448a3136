# Homeostat on one machine, in a container:
#
#   docker build -t homeostat .
#   docker run --init -p 127.0.0.1:3007:3007 -v homeostat:/data -v ./homeostat.yaml:/app/homeostat.yaml:ro homeostat
#
# The first start synthesizes the stack into /data, which takes some seconds; later ones find it there. The log prints
# the address and the token. Checks see the network from inside the container: 127.0.0.1 is the
# container itself there.

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY bin/link-node.mjs bin/
RUN npm ci --no-audit --no-fund
COPY . .

FROM node:24-slim
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3007 \
    HOMEOSTAT_DATA=/data
WORKDIR /app
COPY --from=build --chown=node:node /app ./
RUN mkdir /data && chown node:node /data /app
USER node
VOLUME /data
EXPOSE 3007
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/api/v1/monitoring/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "infra/local/start.ts"]
