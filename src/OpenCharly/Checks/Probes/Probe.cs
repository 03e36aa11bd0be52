namespace OpenCharly.Checks.Probes;

/// <summary>One question to a machine: a piece of bash that reports what is there, and the judgement of the report.</summary>
internal abstract class Probe
{
    /// <summary>Bash functions that the script calls; a batch defines each only once.</summary>
    public virtual IReadOnlyList<string> Functions => [];

    /// <summary>The script. It reports with <c>c_value</c> and <c>c_text</c>, and neither prints nor exits.</summary>
    public abstract string Script { get; }

    /// <summary>Packages that the batch should look up for it, in one go with those of the others.</summary>
    public virtual string? Package => null;

    /// <summary>Judges what came back.</summary>
    public abstract Verdict Judge(ProbeOutput output);
}
