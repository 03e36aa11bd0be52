namespace OpenCharly.PowerShell.HelpBuild;

/// <summary>A help page of one cmdlet, as its Markdown says it (PlatyPS schema 2024-05-01).</summary>
internal sealed record HelpPage
{
    /// <summary>The cmdlet.</summary>
    public required string Name { get; init; }

    /// <summary>One sentence.</summary>
    public required string Synopsis { get; init; }

    /// <summary>Paragraphs.</summary>
    public required IReadOnlyList<string> Description { get; init; }

    /// <summary>Names of the parameter sets, in the order of the syntax section.</summary>
    public required IReadOnlyList<string> ParameterSets { get; init; }

    /// <summary>Parameters, without the common ones.</summary>
    public required IReadOnlyList<HelpParameter> Parameters { get; init; }

    /// <summary>Examples.</summary>
    public required IReadOnlyList<HelpExample> Examples { get; init; }

    /// <summary>What can be piped in.</summary>
    public required IReadOnlyList<HelpTopic> Inputs { get; init; }

    /// <summary>What comes out.</summary>
    public required IReadOnlyList<HelpTopic> Outputs { get; init; }

    /// <summary>Further paragraphs.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Names of related cmdlets and topics.</summary>
    public required IReadOnlyList<string> RelatedLinks { get; init; }
}

/// <summary>A type with a few words on it.</summary>
internal sealed record HelpTopic(string Name, IReadOnlyList<string> Text);

/// <summary>An example: text and code in turns.</summary>
internal sealed record HelpExample(string Title, string Code, IReadOnlyList<string> Remarks);

/// <summary>A parameter.</summary>
internal sealed record HelpParameter
{
    /// <summary>Its name, without dash.</summary>
    public required string Name { get; init; }

    /// <summary>Paragraphs.</summary>
    public required IReadOnlyList<string> Description { get; init; }

    /// <summary>Full name of its type.</summary>
    public required string Type { get; init; }

    /// <summary>Default; empty if none.</summary>
    public string Default { get; init; } = "";

    /// <summary>Whether wildcards are expanded.</summary>
    public bool Wildcards { get; init; }

    /// <summary>Other names.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The values that it takes, if they are few.</summary>
    public IReadOnlyList<string> AcceptedValues { get; init; } = [];

    /// <summary>How each parameter set takes it; the set <c>(All)</c> stands for every one.</summary>
    public required IReadOnlyList<HelpParameterSet> Sets { get; init; }

    /// <summary>Whether it is a switch.</summary>
    public bool IsSwitch => Type == "System.Management.Automation.SwitchParameter";
}

/// <summary>How one parameter set takes a parameter.</summary>
internal sealed record HelpParameterSet(string Name, string Position, bool Required, bool ByValue, bool ByPropertyName, bool Remaining);

/// <summary>A page that does not keep to the schema.</summary>
internal sealed class HelpPageException(string file, int line, string message) : Exception($"{file}({line}): error HELP001: {message}");
