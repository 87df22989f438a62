"""The loop of smolagents: loop_smolagents.py BASE_URL ATTEMPTS AT_ONCE. It keeps attempts in memory."""

import sys
from concurrent.futures import ThreadPoolExecutor

from smolagents import OpenAIServerModel, Tool, ToolCallingAgent

from measured import measured
from world import text

STEPS = 20


class LookUp(Tool):
    name = "look_up"
    description = "Says what is known of a mill."
    inputs = {"number": {"type": "integer", "description": "The number of the mill."}}
    output_type = "string"

    def forward(self, number: int) -> str:
        return text(number)


def main(base, attempts, at_once):
    model = OpenAIServerModel(model_id="made", api_base=base, api_key="none")
    tool = LookUp()

    def attempt(number):
        agent = ToolCallingAgent(tools=[tool], model=model, max_steps=2 * STEPS, verbosity_level=0)
        answer = agent.run(f"Which river does mill {number} stand on?")
        assert answer == "the Orsa" and len(agent.memory.steps) == STEPS + 1, (answer, len(agent.memory.steps))

    attempt(0)

    def work():
        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(attempt, range(attempts)))

    measured(work, attempts * STEPS, at_once)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
