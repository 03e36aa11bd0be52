<#
.SYNOPSIS
Brings the syntax and the parameters of the help pages in line with the cmdlets of the built module.

.DESCRIPTION
A page keeps everything that people wrote: synopsis, description, examples, notes, and the text of each parameter. What
a cmdlet itself knows is written anew in the schema of PlatyPS 1.0: syntax, types, defaults, positions, pipeline input.
A parameter that is new on the page gets the text of its HelpMessage.

.PARAMETER Module
The manifest of the built module.

.PARAMETER Source
The folder of the pages.

.PARAMETER Destination
Where to write the pages; over the old ones if left out.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)] [string] $Module,
    [Parameter(Mandatory)] [string] $Source,
    [string] $Destination = $Source
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$loaded = Import-Module $Module -PassThru
$common = [System.Management.Automation.Cmdlet]::CommonParameters

function Get-Section([string] $Text, [string] $Heading) {
    if ($Text -match "(?ms)^## $Heading\n(?<body>.*?)(?=^## |\z)") { $Matches.body.Trim() } else { '' }
}

function Get-ParameterText([string] $Section, [string] $Name) {
    if ($Section -match "(?ms)^### -$Name\n(?<body>.*?)(?=^``````yaml|^### |\z)") { $Matches.body.Trim() } else { '' }
}

function Get-DefaultText($Instance, [System.Management.Automation.ParameterMetadata] $Parameter) {
    if ($Parameter.ParameterType -eq [switch]) { return 'False' }
    $property = $Instance.GetType().GetProperty($Parameter.Name)
    if (-not $property) { return '' }
    $value = $property.GetValue($Instance)
    if ($null -eq $value -or $value -is [array]) { '' } else { "$value" }
}

function Get-AcceptedValue([System.Management.Automation.ParameterMetadata] $Parameter) {
    $set = $Parameter.Attributes | Where-Object { $_ -is [System.Management.Automation.ValidateSetAttribute] }
    if ($set) { $set.ValidValues }
    elseif ($Parameter.ParameterType.IsEnum) { [enum]::GetNames($Parameter.ParameterType) }
}

function Format-Set([string] $Name, $How) {
    "- Name: $Name"
    "  Position: $(if ($How.Position -lt 0) { 'Named' } else { $How.Position })"
    "  IsRequired: $("$($How.IsMandatory)".ToLowerInvariant())"
    "  ValueFromPipeline: $("$($How.ValueFromPipeline)".ToLowerInvariant())"
    "  ValueFromPipelineByPropertyName: $("$($How.ValueFromPipelineByPropertyName)".ToLowerInvariant())"
    "  ValueFromRemainingArguments: $("$($How.ValueFromRemainingArguments)".ToLowerInvariant())"
}

function Format-YamlList([string] $Name, $Items) {
    $all = @($Items | Where-Object { $_ })
    if ($all.Count -eq 0) { "${Name}: []" } else { "${Name}:"; $all | ForEach-Object { "- $_" } }
}

function Format-Parameter($Parameter, $Instance, [string] $Text) {
    $type = [System.Nullable]::GetUnderlyingType($Parameter.ParameterType) ?? $Parameter.ParameterType
    $wildcards = [bool]($Parameter.Attributes | Where-Object { $_ -is [System.Management.Automation.SupportsWildcardsAttribute] })
    $sets = @($Parameter.ParameterSets.GetEnumerator() | Sort-Object Key)
    "### -$($Parameter.Name)"
    ''
    if ($Text) { $Text } else { ($sets.Value.HelpMessage | Where-Object { $_ } | Select-Object -First 1) ?? $boilerplate[$Parameter.Name] }
    ''
    '```yaml'
    "Type: $($type.ToString())"
    "DefaultValue: '$(Get-DefaultText $Instance $Parameter)'"
    "SupportsWildcards: $("$wildcards".ToLowerInvariant())"
    Format-YamlList Aliases $Parameter.Aliases
    'ParameterSets:'
    foreach ($set in $sets) { Format-Set ($set.Key -eq '__AllParameterSets' ? '(All)' : $set.Key) $set.Value }
    'DontShow: false'
    Format-YamlList AcceptedValues (Get-AcceptedValue $Parameter)
    "HelpMessage: ''"
    '```'
    ''
}

$boilerplate = @{
    WhatIf  = 'Says what would be done, and does nothing.'
    Confirm = 'Asks before anything is done.'
}

foreach ($command in $loaded.ExportedCmdlets.Values | Sort-Object Name) {
    $path = Join-Path $Source "$($command.Name).md"
    $text = Get-Content -LiteralPath $path -Raw
    $old = Get-Section $text 'PARAMETERS'
    $instance = [System.Activator]::CreateInstance($command.ImplementingType)

    $syntax = foreach ($set in $command.ParameterSets) {
        "### $($set.Name)"
        ''
        '```'
        "$($command.Name) $set"
        '```'
        ''
    }
    $ordered = @($command.Parameters.Values | Where-Object { $_.Name -notin $common -and $_.Name -notin 'WhatIf', 'Confirm' } | Sort-Object Name) +
        @($command.Parameters.Values | Where-Object Name -in 'WhatIf', 'Confirm' | Sort-Object Name)
    $parameters = foreach ($parameter in $ordered) { Format-Parameter $parameter $instance (Get-ParameterText $old $parameter.Name) }
    $parameters += @(
        '### CommonParameters'
        ''
        'This cmdlet supports the common parameters: -Debug, -ErrorAction, -ErrorVariable,'
        '-InformationAction, -InformationVariable, -OutBuffer, -OutVariable, -PipelineVariable,'
        '-ProgressAction, -Verbose, -WarningAction, and -WarningVariable. For more information, see'
        'about_CommonParameters.'
    )
    foreach ($section in @{ Name = 'SYNTAX'; Lines = $syntax }, @{ Name = 'PARAMETERS'; Lines = $parameters }) {
        $body = ($section.Lines -join "`n").Trim()
        $text = [regex]::Replace($text, "(?ms)^## $($section.Name)\n.*?(?=^## )", { "## $($section.Name)`n`n$body`n`n" })
    }

    $target = Join-Path $Destination "$($command.Name).md"
    if ($PSCmdlet.ShouldProcess($target, 'Write help page')) { [System.IO.File]::WriteAllText($target, $text) }
}
