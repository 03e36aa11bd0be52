using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Tests.Boxes;

/// <summary>An engine at the program boundary: it records what it is asked, and answers from a list.</summary>
internal sealed class EngineStub(params (string Begin, int ExitCode, string Output)[] answers) : IProcessRunner
{
    public List<string> Calls { get; } = [];

    /// <summary>Programs that can't be found.</summary>
    public HashSet<string> Missing { get; } = [];

    /// <summary>Release of buildah that it says it holds. Asking for it is no call that counts.</summary>
    public string Buildah { get; init; } = "1.38.1";

    public string? Find(string program) => Missing.Contains(program) ? null : "/usr/bin/" + program;

    public Task<CommandResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken = default)
    {
        var call = string.Join(' ', request.Arguments.Prepend(request.Program));
        if (call == "podman info --format {{.Host.BuildahVersion}}") return Task.FromResult(new CommandResult(Buildah + "\n", "", 0, TimeSpan.Zero));
        Calls.Add(call);
        var answer = answers.FirstOrDefault(a => call.StartsWith(a.Begin, StringComparison.Ordinal));
        var isKnown = answer.Begin is not null;
        var exit = isKnown ? answer.ExitCode : 0;
        return Task.FromResult(exit == 0
            ? new CommandResult(answer.Output ?? "", "", 0, TimeSpan.Zero)
            : new CommandResult("", answer.Output ?? "", exit, TimeSpan.Zero));
    }

    /// <summary>One image as <c>podman images --format json</c> lists it.</summary>
    public static string Image(string id, string[] names, params (string Label, string Value)[] labels)
    {
        var text = string.Join(',', labels.Select(l => $"\"ai.opencharly.{l.Label}\":\"{l.Value}\""));
        return $$"""{"Id":"{{id}}","RepoTags":null,"Names":[{{string.Join(',', names.Select(n => $"\"{n}\""))}}],"Labels":{{(labels.Length == 0 ? "null" : $"{{{text}}}")}},"Created":1790000000,"Size":1048576}""";
    }

    public static string List(params string[] images) => "[" + string.Join(',', images) + "]";
}
