"""The loop of inspect_ai: loop_inspect.py BASE_URL ATTEMPTS AT_ONCE. It writes its log as it goes, unsynced."""

import sys
import tempfile

from inspect_ai import Task, eval
from inspect_ai.agent import react
from inspect_ai.dataset import Sample
from inspect_ai.model import get_model
from inspect_ai.tool import tool

from measured import measured
from world import text

STEPS = 20


@tool
def look_up():
    async def execute(number: int) -> str:
        """Says what is known of a mill.

        Args:
            number: The number of the mill.
        """
        return text(number)

    return execute


def main(base, attempts, at_once):
    model = get_model("openai-api/loopback/made", base_url=base, api_key="none")

    def run(count, folder):
        samples = [Sample(input=f"Which river does mill {number} stand on?") for number in range(count)]
        task = Task(dataset=samples, solver=react(tools=[look_up()]), name="rollouts")
        [log] = eval(
            task,
            model=model,
            display="none",
            log_dir=folder,
            max_samples=at_once,
            max_connections=at_once,
            fail_on_error=True,
        )
        assert log.status == "success", log.error
        for sample in log.samples:
            turns = sum(message.role == "assistant" for message in sample.messages)
            assert turns == STEPS and sample.output.completion.endswith("the Orsa"), (turns, sample.output.completion)

    with tempfile.TemporaryDirectory() as folder:
        run(1, folder)
        measured(lambda: run(attempts, folder), attempts * STEPS, at_once)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
